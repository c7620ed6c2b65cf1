import type { ChatMessage } from '../../core/chat/chat-request.js';
import { refuse } from '../read-parameters.js';

/**
 * Throws `invalid_tool_sequence` unless every tool result follows the assistant's message with its call, once, and every
 * call has its result before the conversation goes on. Of messages that go on with others (`isContinued`), results that stand
 * first are left to whoever knows those.
 */
export function checkToolSequence(messages: readonly ChatMessage[], path: string, isContinued = false): void {
  const first = isContinued ? messages.findIndex(({ role }) => role !== 'tool') : 0;
  let open = new Set<string>();
  messages.forEach((message, index) => {
    const here = `${path}[${String(index)}]`;
    if (message.role === 'tool') {
      if (index < first || first < 0 || open.delete(message.toolCallId)) return;
      const problem = `\`${here}.tool_call_id\` answers no open call: a tool message must follow the assistant's message with its call, once.`;
      refuse('invalid_tool_sequence', `${here}.tool_call_id`, problem);
    }
    checkAnswered(open, here);
    open = message.role === 'assistant' ? callIds(message, here) : open;
  });
  checkAnswered(open, path);
}

function callIds(message: ChatMessage & { role: 'assistant' }, path: string): Set<string> {
  const ids = new Set<string>();
  for (const part of message.content) {
    if (part.type !== 'tool-call') continue;
    if (ids.has(part.id)) {
      refuse('invalid_tool_sequence', `${path}.tool_calls`, `\`${path}.tool_calls\` holds two calls with the same id.`);
    }
    ids.add(part.id);
  }
  return ids;
}

function checkAnswered(open: ReadonlySet<string>, path: string): void {
  const [id] = open;
  if (id === undefined) return;
  const message = `The tool call \`${id.slice(0, 64)}\` has no result: send a tool message with its tool_call_id first.`;
  refuse('invalid_tool_sequence', path, message);
}
