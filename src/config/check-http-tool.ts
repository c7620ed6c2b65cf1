import { Ajv2020 } from 'ajv/dist/2020.js';
import { isJsonObject, type JsonObject } from '../core/json.js';

/** What the definition of an HTTP tool says wrongly: the field, and what is wrong with it. */
export interface ToolProblem {
  readonly field: 'url' | 'parameters' | 'headers';
  readonly message: string;
}

/** `{name}` in a URL. */
export const URL_PLACEHOLDER = /\{([^{}]*)\}/gu;
const ARGUMENT_NAME = /^[A-Za-z_][A-Za-z0-9_.-]{0,127}$/u;
/** What belongs to the connection and not to whoever sends the request. */
const OWNED_HEADERS: ReadonlySet<string> = new Set([
  ...['host', 'connection', 'content-length', 'transfer-encoding', 'keep-alive', 'upgrade', 'te', 'trailer', 'expect'],
  ...['proxy-connection', 'proxy-authorization', 'accept-encoding', 'cookie', 'cookie2'],
]);

/** Everything that is wrong with the definition of a tool though its form is right. */
export function checkHttpTool(tool: {
  url: string;
  parameters: JsonObject;
  headers: Readonly<Record<string, string>>;
}): ToolProblem[] {
  return [...checkUrl(tool.url, tool.parameters), ...checkParameters(tool.parameters), ...checkHeaders(tool.headers)];
}

function checkUrl(url: string, parameters: JsonObject): ToolProblem[] {
  const problem = (message: string): ToolProblem[] => [{ field: 'url', message }];
  if (!/^https?:\/\//iu.test(url) || !URL.canParse(url)) {
    return problem('must be a URL that begins with http:// or https://');
  }
  if (/[{}]/u.test(new URL(url).host))
    return problem('must not take its host from an argument: {name} may stand in path and query');
  const { username, password, hash } = new URL(url);
  if (username !== '' || password !== '') return problem('must not hold a password; put secrets into `headers`');
  if (hash !== '') return problem('must not have a fragment (#...)');
  const known = isJsonObject(parameters.properties) ? parameters.properties : {};
  const names = [...url.matchAll(URL_PLACEHOLDER)].map(([, name = '']) => name);
  const stranger = names.find((name) => !ARGUMENT_NAME.test(name) || !Object.hasOwn(known, name));
  if (stranger !== undefined) return problem(`names {${stranger}}, which is not one of the parameters' properties`);
  const required = Array.isArray(parameters.required) ? parameters.required : [];
  const missing = names.find((name) => !required.includes(name));
  if (missing !== undefined) return problem(`names {${missing}}, which must then be required by the parameters`);
  return [];
}

function checkParameters(parameters: JsonObject): ToolProblem[] {
  const problem = (message: string): ToolProblem[] => [{ field: 'parameters', message }];
  if (parameters.type !== 'object') return problem('must be a JSON Schema of type object');
  const ajv = new Ajv2020({ strict: false, validateFormats: false, addUsedSchema: false });
  if (ajv.validateSchema(parameters) === true) return [];
  const [error] = ajv.errors ?? [];
  return problem(`must be a JSON Schema (2020-12): ${error?.instancePath ?? ''} ${error?.message ?? 'is not valid'}`);
}

function checkHeaders(headers: Readonly<Record<string, string>>): ToolProblem[] {
  const names = Object.keys(headers).map((name) => name.toLowerCase());
  const owned = names.find((name) => OWNED_HEADERS.has(name));
  if (owned !== undefined) return [{ field: 'headers', message: `must not set ${owned}` }];
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) return [{ field: 'headers', message: `holds ${twice} twice` }];
  return [];
}
