import { APIError, APIUserAbortError } from 'openai';
import { isJsonObject } from '../../../core/json.js';
import { ProviderError } from '../../provider-error.js';
import type { OpenAiProtocol } from './openai-protocol.js';

/** What the official client threw, as the error of an adapter: by its type and status, never by its text. */
export function fromSdkError(error: unknown, protocol: OpenAiProtocol): ProviderError {
  if (error instanceof ProviderError) return error;
  if (error instanceof APIUserAbortError)
    return new ProviderError('aborted', 'The request was cancelled.', { cause: error });
  if (error instanceof APIError && typeof error.status === 'number') {
    const body = isJsonObject(error.error) ? JSON.stringify({ error: error.error }) : '';
    const headers = Object.fromEntries((error.headers as Headers | undefined) ?? []);
    return protocol.readFailure(error.status, headers, body);
  }
  if (error instanceof Error && error.cause !== undefined) return fromSdkError(error.cause, protocol);
  return new ProviderError('malformed', "The provider's answer could not be understood.", { cause: error });
}
