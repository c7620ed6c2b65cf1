import type { ChatEvent } from '../../../core/chat/chat-event.js';
import { isJsonObject } from '../../../core/json.js';
import { ProviderError } from '../../provider-error.js';
import { AnswerReader, type ReadingAttempt } from './answer-reader.js';

/**
 * The events of an unstreamed answer, and of a stream that came as one JSON array because the server ignored how it was
 * asked. Throws `malformed` when it is no answer, and what it says when it is an error that came with status 200.
 */
export function readReply(reply: unknown, attempt: ReadingAttempt, credential: string | null): ChatEvent[] {
  const responses: unknown[] = Array.isArray(reply) ? reply : [reply];
  const answer = new AnswerReader(attempt, credential, false);
  const events: ChatEvent[] = [];
  for (const response of responses) {
    if (!isJsonObject(response)) throw new ProviderError('malformed', "The provider's answer is no response.");
    events.push(...answer.read(response));
  }
  events.push(...answer.end());
  return events;
}
