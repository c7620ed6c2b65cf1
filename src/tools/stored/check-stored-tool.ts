import { checkHttpTool, URL_PLACEHOLDER } from '../../config/check-http-tool.js';
import type { ErrorCode } from '../../core/errors/error-codes.js';
import { InvalidRequestError } from '../../core/errors/app-error.js';
import type { JsonObject } from '../../core/json.js';
import type { VettedFetch } from '../../egress/vetted-fetch.js';

interface StoredDefinition {
  readonly url: string;
  readonly parameters: object;
  readonly headers: Readonly<Record<string, unknown>>;
}

const MOST_HEADERS = 32;
const HEADER_NAME = /^[A-Za-z0-9!#$%&'*+.^_|~-]{1,128}$/u;
const HEADER_VALUE = /^[\x20-\x7e]{0,8192}$/u;
const MOST_PARAMETER_CHARACTERS = 65_536;

const CODES: Readonly<Record<string, ErrorCode>> = { parameters: 'invalid_schema', url: 'invalid_value' };

/**
 * Holds a tool that came by the API to the rules of one: throws `invalid_value`, `invalid_schema`, and for a URL that may not
 * be fetched `url_not_allowed`, `url_scheme_not_allowed` or `url_port_not_allowed`.
 */
export function checkStoredTool({ url, parameters, headers }: StoredDefinition, vetted: VettedFetch): void {
  const known = readHeaders(headers);
  if (JSON.stringify(parameters).length > MOST_PARAMETER_CHARACTERS) {
    throw new InvalidRequestError('invalid_schema', '`parameters` is too long.', { param: 'parameters' });
  }
  // An argument must not decide which rules hold: one of letters stands for all.
  vetted.checkUrl(url.replace(URL_PLACEHOLDER, 'x'), 'url');
  const [problem] = checkHttpTool({ url, parameters: parameters as JsonObject, headers: known });
  if (!problem) return;
  const { field, message } = problem;
  throw new InvalidRequestError(CODES[field] ?? 'invalid_value', `\`${field}\` ${message}.`, { param: field });
}

function readHeaders(headers: Readonly<Record<string, unknown>>): Record<string, string> {
  const entries = Object.entries(headers);
  const refuse = (message: string): never => {
    throw new InvalidRequestError('invalid_value', message, { param: 'headers' });
  };
  if (entries.length > MOST_HEADERS) refuse(`\`headers\` must have at most ${String(MOST_HEADERS)} entries.`);
  return Object.fromEntries(
    entries.map(([name, value]) => {
      if (!HEADER_NAME.test(name)) return refuse('`headers` has a name that no header can have.');
      const isText = typeof value === 'string' && HEADER_VALUE.test(value);
      if (!isText) return refuse(`\`headers.${name}\` must be one line of visible ASCII characters and blanks.`);
      return [name, value] as const;
    }),
  );
}
