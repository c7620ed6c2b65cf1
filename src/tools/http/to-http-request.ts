import { URL_PLACEHOLDER } from '../../config/check-http-tool.js';
import type { HttpToolConfig } from '../../config/tools-config.js';
import type { JsonObject, JsonValue } from '../../core/json.js';
import { ToolFailure } from '../server-tool.js';

/** An HTTP tool's request with the arguments in their places. */
export interface ToolRequest {
  readonly url: string;
  readonly method: HttpToolConfig['method'];
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

const DOTS = /^(?:\.|%2e){1,2}$/iu;

/** The request of one use. Throws ToolFailure for an argument that would lead to another path than the one that is meant. */
export function toHttpRequest(
  { url, method, headers, argumentsIn }: Pick<HttpToolConfig, 'url' | 'method' | 'headers' | 'argumentsIn'>,
  input: JsonObject,
): ToolRequest {
  const named = new Set([...url.matchAll(URL_PLACEHOLDER)].map(([, name = '']) => name));
  const target = new URL(fill(url, input));
  const rest = Object.entries(input).filter(([name]) => !named.has(name));
  if (argumentsIn === 'query') {
    for (const [name, value] of rest) appendTo(target.searchParams, name, value);
    return { url: target.href, method, headers };
  }
  const hasType = Object.keys(headers).some((name) => name.toLowerCase() === 'content-type');
  return {
    url: target.href,
    method,
    headers: hasType ? headers : { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify(Object.fromEntries(rest)),
  };
}

// An argument is one piece of a path: `..` would be taken for a way up, by us or by the server.
function fill(url: string, input: JsonObject): string {
  const filled = url.replace(URL_PLACEHOLDER, (_whole, name: string) => encodeURIComponent(textOf(input[name])));
  const [path = ''] = filled.replace(/^https?:\/\//iu, '').split(/[?#]/u);
  if (path.split('/').some((segment) => DOTS.test(segment))) {
    throw new ToolFailure('An argument that is part of the URL must not be "." or "..".');
  }
  return filled;
}

function appendTo(query: URLSearchParams, name: string, value: JsonValue | undefined): void {
  const values = Array.isArray(value) ? value : [value];
  for (const each of values) if (each !== undefined && each !== null) query.append(name, textOf(each));
}

function textOf(value: JsonValue | undefined): string {
  if (typeof value === 'string') return value.toWellFormed();
  return value === undefined ? '' : JSON.stringify(value);
}
