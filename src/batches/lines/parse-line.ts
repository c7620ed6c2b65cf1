import { InvalidRequestError } from '../../core/errors/app-error.js';
import type { ErrorCode } from '../../core/errors/error-codes.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json.js';
import { ENDPOINT_URLS, type EndpointUrl, isEndpointUrl } from '../endpoints.js';
import type { BatchLine } from './batch-line.js';

const KNOWN: ReadonlySet<string> = new Set(['custom_id', 'method', 'url', 'body']);
const LONGEST_ID = 512;

/**
 * A request of a batch. `endpoint` is the only url that it may have; null allows every one. Throws InvalidRequestError, whose
 * param is the path within the request.
 */
export function parseLine(value: JsonValue, endpoint: EndpointUrl | null): BatchLine {
  if (!isJsonObject(value)) return refuse('invalid_batch_line', undefined, 'Each line must be a JSON object.');
  const unknown = Object.keys(value).find((name) => !KNOWN.has(name));
  if (unknown !== undefined) {
    return refuse(
      'invalid_batch_line',
      unknown.slice(0, 100),
      'A line has `custom_id`, `method`, `url` and `body` only.',
    );
  }
  const customId = readCustomId(value);
  const url = readUrl(value, endpoint);
  if (!isJsonObject(value.body))
    return refuse('invalid_batch_line', 'body', '`body` must be a JSON object: the request.');
  return { customId, url, body: JSON.stringify(value.body) };
}

function readCustomId({ custom_id: customId }: JsonObject): string {
  if (typeof customId === 'string' && customId !== '' && customId.length <= LONGEST_ID) return customId;
  const message = `\`custom_id\` must be a text of 1 to ${String(LONGEST_ID)} characters.`;
  return refuse(customId === undefined ? 'missing_required_parameter' : 'invalid_batch_line', 'custom_id', message);
}

function readUrl({ url, method = 'POST' }: JsonObject, endpoint: EndpointUrl | null): EndpointUrl {
  if (method !== 'POST') return refuse('invalid_batch_line', 'method', '`method` must be `POST`.');
  if (typeof url !== 'string' || !isEndpointUrl(url)) {
    return refuse('invalid_url', 'url', `\`url\` must be one of ${ENDPOINT_URLS.join(', ')}.`);
  }
  if (endpoint === null || url === endpoint) return url;
  return refuse('invalid_url', 'url', `\`url\` must be \`${endpoint}\`, the endpoint of the batch.`);
}

function refuse(code: ErrorCode, param: string | undefined, message: string): never {
  throw new InvalidRequestError(code, message, { param });
}
