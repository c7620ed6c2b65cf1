import type { ChatEvent } from '../../../../core/chat/chat-event.js';
import type { WireObject } from '../../../../core/chat/wire-object.js';
import { isJsonObject } from '../../../../core/json.js';
import { ProviderError } from '../../../provider-error.js';
import { toProviderError } from '../../../transport/upstream-failure.js';
import { isFailure } from '../read-failure.js';
import { OutputReader } from './output-reader.js';
import { readEnding, type ReadingAttempt } from './read-ending.js';
import { readResponseFailure } from './read-response-failure.js';
import { responseBegin } from './response-begin.js';

/**
 * The events of an unstreamed response, all sharing it as their wire object. Throws `malformed` when it is none, and what it
 * says when it failed.
 */
export function readResponse(reply: unknown, attempt: ReadingAttempt): ChatEvent[] {
  if (!isJsonObject(reply)) throw malformed();
  if (reply.status === undefined && isFailure(reply)) throw toProviderError(readResponseFailure(reply), attempt.apiKey);
  if (!Array.isArray(reply.output) && (reply.error ?? null) === null) throw malformed();
  const output = new OutputReader();
  output.nameAfter(reply);
  const { events, response } = readEnding(reply, output, attempt);
  const wire: WireObject = { dialect: 'openai-responses', value: response };
  const all = [responseBegin(reply), ...events];
  for (const event of all) event.wire = wire;
  return all;
}

function malformed(): ProviderError {
  return new ProviderError('malformed', "The provider's answer holds no message.");
}
