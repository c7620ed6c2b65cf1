import { toAbortSignal } from '../../../core/cancellation.js';
import OpenAI from 'openai';
import type { EmbeddingCreateParams } from 'openai/resources/embeddings';
import type { JsonObject } from '../../../core/json.js';
import type { AttemptContext } from '../../provider-adapter.js';
import { ProviderError } from '../../provider-error.js';
import type { HttpTransport } from '../../transport/http-transport.js';
import { transportFetch } from '../../transport/transport-fetch.js';
import { fromSdkError } from './from-sdk-error.js';
import type { OpenAiProtocol } from './openai-protocol.js';

const KEYLESS = 'none';

export interface EmbeddingsExchange {
  baseUrl: string;
  headers: Readonly<Record<string, string>>;
  transport: HttpTransport;
  protocol: OpenAiProtocol;
  attempt: AttemptContext;
}

/** Sends an embedding request through the official client and gives the parsed reply. Throws only ProviderError. */
export async function postEmbeddings(body: JsonObject, exchange: EmbeddingsExchange): Promise<unknown> {
  const signal = toAbortSignal(exchange.attempt.signal);
  try {
    const params = body as unknown as EmbeddingCreateParams;
    const response = await createClient(exchange).embeddings.create(params, { signal }).asResponse();
    return await readJsonBody(response);
  } catch (error) {
    throw fromSdkError(error, exchange.protocol);
  }
}

// A client for each call: it is only settings around the shared connections, and the credential is the call's own.
function createClient({ baseUrl, headers, transport, attempt }: EmbeddingsExchange): OpenAI {
  const { connectMs, responseHeadMs, bodyMs } = attempt.timeouts;
  return new OpenAI({
    apiKey: attempt.apiKey ?? KEYLESS,
    adminAPIKey: null,
    organization: null,
    project: null,
    webhookSecret: null,
    baseURL: baseUrl,
    maxRetries: 0,
    timeout: connectMs + responseHeadMs + 1_000,
    logLevel: 'off',
    defaultHeaders: { authorization: null, ...headers },
    fetch: transportFetch(transport, { connectMs, headMs: responseHeadMs, bodyMs, progress: attempt.progress }),
  });
}

async function readJsonBody(response: Response): Promise<unknown> {
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ProviderError('malformed', 'The provider answered with JSON that cannot be parsed.', { cause: error });
  }
}
