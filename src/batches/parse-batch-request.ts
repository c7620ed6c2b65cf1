import { InvalidRequestError } from '../core/errors/app-error.js';
import type { JsonObject } from '../core/json.js';
import { parseLabels } from '../dialects/openai-chat/parse-labels.js';
import { readArray, readInteger, readObject, readString, refuse, refuseMissing } from '../dialects/read-parameters.js';
import { ENDPOINT_URLS, type EndpointUrl, isEndpointUrl } from './endpoints.js';
import { type BatchLine, MOST_LINES, MOST_LINE_BYTES } from './lines/batch-line.js';
import { parseLine } from './lines/parse-line.js';

/** What a batch is wanted for. */
export interface BatchRequest {
  /** Null when the requests came with it. */
  readonly inputFileId: string | null;
  /** `mixed` when the requests name several. */
  readonly endpoint: EndpointUrl | 'mixed';
  /** The requests that came with it; none for those in a file. */
  readonly lines: readonly BatchLine[];
  readonly completionWindow: string;
  readonly windowSeconds: number;
  /** How long its output is kept; null leaves it to the configuration. */
  readonly outputKeptSeconds: number | null;
  readonly webhookUrl: string | null;
  readonly metadata: JsonObject | null;
}

const WINDOW = /^([1-9]\d{0,4})([mh])$/;
const LONGEST_WINDOW_SECONDS = 7 * 86_400;
const KEPT_SECONDS = { min: 3_600, max: 2_592_000 };
const LONGEST_URL = 2_000;

/** Reads a body of `POST /v1/batches`, OpenAI's with a file or ours with `requests`. Throws InvalidRequestError. */
export function parseBatchRequest(body: JsonObject): BatchRequest {
  parseLabels({ metadata: body.metadata });
  return {
    ...readInput(body),
    ...readWindow(body),
    outputKeptSeconds: readKept(body),
    webhookUrl: readWebhookUrl(body),
    metadata: readObject(body.metadata, 'metadata') ?? null,
  };
}

function readInput(body: JsonObject): Pick<BatchRequest, 'inputFileId' | 'endpoint' | 'lines'> {
  const inputFileId = readString(body.input_file_id, 'input_file_id');
  const requests = readArray(body.requests, 'requests', Number.MAX_SAFE_INTEGER);
  const endpoint = readEndpoint(body);
  if (requests) {
    if (inputFileId !== undefined) refuse('invalid_value', 'requests', 'Send `input_file_id` or `requests`, not both.');
    if (requests.length === 0) refuse('invalid_value', 'requests', '`requests` is empty. Send at least one.');
    const lines = readRequests(requests, endpoint);
    return { inputFileId: null, lines, endpoint: endpoint ?? endpointOf(lines) };
  }
  if (inputFileId === undefined) return refuseMissing('input_file_id');
  return { inputFileId, lines: [], endpoint: endpoint ?? refuseMissing('endpoint') };
}

function readWebhookUrl(body: JsonObject): string | null {
  const url = readString(body.webhook_url, 'webhook_url') ?? null;
  if (url === null || url.length <= LONGEST_URL) return url;
  return refuse('string_too_long', 'webhook_url', `\`webhook_url\` has more than ${String(LONGEST_URL)} characters.`);
}

function readEndpoint(body: JsonObject): EndpointUrl | null {
  const endpoint = readString(body.endpoint, 'endpoint');
  if (endpoint === undefined) return null;
  if (isEndpointUrl(endpoint)) return endpoint;
  return refuse('invalid_url', 'endpoint', `\`endpoint\` must be one of ${ENDPOINT_URLS.join(', ')}.`);
}

function endpointOf(lines: readonly BatchLine[]): EndpointUrl | 'mixed' {
  const [first] = lines;
  return first && lines.every(({ url }) => url === first.url) ? first.url : 'mixed';
}

function readRequests(requests: readonly JsonObject[string][], endpoint: EndpointUrl | null): BatchLine[] {
  if (requests.length > MOST_LINES) {
    const message = `A batch has at most ${String(MOST_LINES)} requests, not ${String(requests.length)}. Split it.`;
    throw new InvalidRequestError('batch_too_large', message, { param: 'requests' });
  }
  const places = new Map<string, number>();
  return requests.map((request, index) => {
    const path = `requests[${String(index)}]`;
    const line = within(path, () => parseLine(request ?? null, endpoint));
    if (Buffer.byteLength(line.body) > MOST_LINE_BYTES) {
      const message = `A request of a batch has at most ${String(MOST_LINE_BYTES)} bytes.`;
      throw new InvalidRequestError('batch_too_large', message, { param: `${path}.body` });
    }
    const earlier = places.get(line.customId);
    if (earlier !== undefined) {
      const message = `\`custom_id\` is that of \`requests[${String(earlier)}]\` already. Give each request its own.`;
      throw new InvalidRequestError('duplicate_custom_id', message, { param: `${path}.custom_id` });
    }
    places.set(line.customId, index);
    return line;
  });
}

function within<T>(path: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof InvalidRequestError)) throw error;
    const param = error.param === null ? path : `${path}.${error.param}`;
    throw new InvalidRequestError(error.code, error.message, { param });
  }
}

function readWindow(body: JsonObject): Pick<BatchRequest, 'completionWindow' | 'windowSeconds'> {
  const usual = body.requests === undefined ? undefined : '24h';
  const completionWindow = readString(body.completion_window, 'completion_window') ?? usual;
  if (completionWindow === undefined) return refuseMissing('completion_window');
  const [, count = '0', unit] = WINDOW.exec(completionWindow) ?? [];
  const windowSeconds = Number(count) * (unit === 'm' ? 60 : 3_600);
  if (windowSeconds > 0 && windowSeconds <= LONGEST_WINDOW_SECONDS) return { completionWindow, windowSeconds };
  return refuse(
    'invalid_value',
    'completion_window',
    '`completion_window` must be a time such as `24h`, up to `168h`.',
  );
}

function readKept(body: JsonObject): number | null {
  const wanted = readObject(body.output_expires_after, 'output_expires_after');
  if (!wanted) return null;
  if (wanted.anchor !== 'created_at') {
    refuse('invalid_value', 'output_expires_after.anchor', '`output_expires_after.anchor` must be `created_at`.');
  }
  const path = 'output_expires_after.seconds';
  return readInteger(wanted.seconds, path, KEPT_SECONDS) ?? refuseMissing(path);
}
