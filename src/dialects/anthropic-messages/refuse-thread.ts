import { InvalidRequestError } from '../../core/errors/app-error.js';
import { isJsonObject, type JsonValue } from '../../core/json.js';

/**
 * Throws for a request that would have the server keep its conversation, which then could go to one provider only. The
 * facts are what Anthropic's clients know such a refusal by: their helpers go on with whole conversations.
 */
export function refuseThread(thread: JsonValue | undefined): void {
  if (thread === undefined || thread === null) return;
  const isContinued = isJsonObject(thread) && thread.type === 'continue';
  const message = 'Threads are not kept here. Send the whole conversation in `messages`, and leave out `thread`.';
  throw new InvalidRequestError('unsupported_capability', message, {
    param: 'thread',
    facts: isContinued
      ? { error_code: 'thread_not_found' }
      : { error_code: 'thread_unsupported_request', unsupported: ['thread'] },
  });
}
