import type { ChatMessage } from '../../core/chat/chat-request.js';
import { callIdsOf } from '../turns/turn-message.js';

type ToolMessage = ChatMessage & { role: 'tool' };

interface Entry<T> {
  readonly source: T;
  readonly message: ChatMessage;
}

/** What a model is told of a call whose result never came. */
export const NO_RESULT_TEXT = 'No result of this call was given.';

/**
 * The messages in an order that every provider takes: each result right behind the message with its call, however many turns
 * of others came between, and a notice in the place of results that never came. A result that answers no call is left out.
 */
export function settleToolCalls<T>(
  entries: readonly Entry<T>[],
  toNotice: (near: T, message: ToolMessage) => Entry<T>,
): Entry<T>[] {
  const results = new Map<string, Entry<T>[]>();
  for (const entry of entries) {
    if (entry.message.role !== 'tool') continue;
    const [id = ''] = callIdsOf(entry.message);
    const known = results.get(id);
    if (known) known.push(entry);
    else results.set(id, [entry]);
  }
  return entries.flatMap((entry) => {
    if (entry.message.role === 'tool') return [];
    const answers = callIdsOf(entry.message).map(
      (toolCallId) =>
        results.get(toolCallId)?.shift() ??
        toNotice(entry.source, {
          role: 'tool',
          toolCallId,
          content: [{ type: 'text', text: NO_RESULT_TEXT }],
          isError: true,
        }),
    );
    return [entry, ...answers];
  });
}
