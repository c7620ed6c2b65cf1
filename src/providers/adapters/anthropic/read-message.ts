import type { ChatEvent } from '../../../core/chat/chat-event.js';
import type { WireObject } from '../../../core/chat/wire-object.js';
import { isJsonObject } from '../../../core/json.js';
import type { AttemptContext } from '../../provider-adapter.js';
import { ProviderError } from '../../provider-error.js';
import { toProviderError } from '../../transport/upstream-failure.js';
import { BlockReader, lacksToolId } from './block-reader.js';
import { mapUsage } from './map-usage.js';
import { finish, responseStart } from './message-edges.js';
import { readFailureFrame } from './read-failure.js';

/**
 * The events of an unstreamed message, all sharing it as their wire object. Throws `malformed` when it is no message or
 * an empty one, and what it says when it is an error that came with status 200.
 */
export function readMessage(
  message: unknown,
  attempt: Pick<AttemptContext, 'apiKey' | 'implausibleUsage'>,
): ChatEvent[] {
  if (!isJsonObject(message)) throw malformed();
  if (isJsonObject(message.error)) throw toProviderError(readFailureFrame(message), attempt.apiKey);
  const { content, stop_reason: stopReason } = message;
  if (!Array.isArray(content) || typeof stopReason !== 'string') throw malformed();
  const blocks = new BlockReader();
  const events: ChatEvent[] = [responseStart(message)];
  for (const [index, block] of content.entries()) {
    if (!isJsonObject(block)) throw malformed();
    events.push(...blocks.open(index, block), ...blocks.close(index));
  }
  events.push(...finish(message, stopReason, blocks.hasBlocks));
  const usage = mapUsage(message.usage);
  if (usage) events.push({ type: 'usage', usage });
  else if (isJsonObject(message.usage)) attempt.implausibleUsage();
  const wire: WireObject = { dialect: 'anthropic-messages', value: message };
  if (!content.some(lacksToolId)) for (const event of events) event.wire = wire;
  return events;
}

function malformed(): ProviderError {
  return new ProviderError('malformed', "The provider's answer is no message.");
}
