import { isJsonObject, type JsonObject, type JsonValue } from '../../../src/core/json.js';
import { isFakeThinking } from './fake-thinking.js';
import { wordOf } from './word-of.js';

interface Message {
  role: string;
  blocks: JsonObject[];
}

const ADVICE =
  'When `thinking` is enabled, a final `assistant` message must start with a thinking block (preceeding the lastmost set of `tool_use` and `tool_result` blocks).';

/**
 * What the API would say against a conversation; null when it would take it. Stricter in one thing, unless it combines
 * turns: they must alternate, and begin with the user's.
 */
export function checkMessages(body: JsonObject, combinesTurns: boolean): string | null {
  const all = (body.messages as JsonObject[]).map(toMessage).filter(({ role }) => role !== 'system');
  const messages = combinesTurns ? combined(all) : all;
  for (const [index, message] of messages.entries()) {
    const problem = checkMessage(messages, message, index, combinesTurns);
    if (problem !== null) return problem;
  }
  return checkPairs(messages) ?? checkDeclared(messages, body) ?? checkTurnBegin(messages, body);
}

function toMessage({ role, content }: JsonObject): Message {
  const blocks: JsonValue | undefined = typeof content === 'string' ? [{ type: 'text', text: content }] : content;
  return { role: wordOf(role), blocks: Array.isArray(blocks) ? blocks.filter(isJsonObject) : [] };
}

function combined(messages: readonly Message[]): Message[] {
  const turns: Message[] = [];
  for (const { role, blocks } of messages) {
    const last = turns.at(-1);
    if (last?.role === role) last.blocks.push(...blocks);
    else turns.push({ role, blocks: [...blocks] });
  }
  return turns;
}

function checkMessage(
  messages: readonly Message[],
  { role, blocks }: Message,
  index: number,
  combinesTurns: boolean,
): string | null {
  const path = `messages.${String(index)}`;
  if (role !== 'user' && role !== 'assistant') return `${path}.role: Input should be 'user' or 'assistant'`;
  if (index === 0 && role !== 'user' && !combinesTurns) return 'messages: first message must use the "user" role';
  if (messages[index - 1]?.role === role) {
    return `messages: roles must alternate between "user" and "assistant", but found multiple "${role}" roles in a row`;
  }
  if (blocks.length === 0) {
    return `${path}: all messages must have non-empty content except for the optional final assistant message`;
  }
  for (const [position, block] of blocks.entries()) {
    const problem = checkBlock(block, `${path}.content.${String(position)}`, role);
    if (problem !== null) return problem;
  }
  return checkThinkingPlace(blocks, path);
}

function checkBlock(block: JsonObject, path: string, role: string): string | null {
  switch (block.type) {
    case 'text':
      if (block.text === '') return 'messages: text content blocks must be non-empty';
      return wordOf(block.text).trim() === '' ? 'messages: text content blocks must contain non-whitespace text' : null;
    case 'tool_use':
      return checkToolUse(block, path, role);
    case 'thinking':
    case 'redacted_thinking':
      if (role !== 'assistant') return `${path}: \`${block.type}\` blocks can only be in \`assistant\` messages`;
      return isFakeThinking(block) ? null : `${path}: Invalid \`signature\` in \`thinking\` block`;
    default:
      return null;
  }
}

function checkToolUse({ id, input }: JsonObject, path: string, role: string): string | null {
  if (role !== 'assistant') return `${path}: \`tool_use\` blocks can only be in \`assistant\` messages`;
  if (typeof id !== 'string' || !/^[a-zA-Z0-9_-]+$/.test(id)) {
    return `${path}.tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'`;
  }
  return isJsonObject(input) ? null : `${path}.tool_use.input: Input should be a valid dictionary`;
}

function checkThinkingPlace(blocks: readonly JsonObject[], path: string): string | null {
  const last = blocks.at(-1);
  if (!last || !isThinking(last)) return null;
  const position = String(blocks.length - 1);
  return `${path}.content.${position}: The final block in an assistant message cannot be \`${wordOf(last.type)}\`.`;
}

// Each call is answered at the beginning of the very next message, and nothing is answered that was not called there.
function checkPairs(messages: readonly Message[]): string | null {
  for (const [index, { blocks }] of messages.entries()) {
    const called = idsOf(messages[index - 1]?.blocks ?? [], 'tool_use', 'id');
    const results = blocks.filter((block) => block.type === 'tool_result');
    const stray = blocks.findIndex(
      (block) => block.type === 'tool_result' && !called.includes(wordOf(block.tool_use_id)),
    );
    if (stray >= 0) {
      const id = wordOf(blocks[stray]?.tool_use_id);
      return `messages.${String(index)}.content.${String(stray)}: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${id}. Each \`tool_result\` block must have a corresponding \`tool_use\` block in the previous message.`;
    }
    const answered = idsOf(blocks.slice(0, results.length), 'tool_result', 'tool_use_id');
    const open = called.filter((id) => !answered.includes(id));
    if (open.length > 0) return unanswered(index - 1, open);
  }
  const open = idsOf(messages.at(-1)?.blocks ?? [], 'tool_use', 'id');
  return open.length > 0 ? unanswered(messages.length - 1, open) : null;
}

function unanswered(index: number, ids: readonly string[]): string {
  return `messages.${String(index)}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${ids.join(', ')}. Each \`tool_use\` block must have a corresponding \`tool_result\` block in the next message.`;
}

function idsOf(blocks: readonly JsonObject[], type: string, field: string): string[] {
  return blocks.filter((block) => block.type === type).map((block) => wordOf(block[field]));
}

function checkDeclared(messages: readonly Message[], { tools }: JsonObject): string | null {
  const isUsed = messages.some(({ blocks }) =>
    blocks.some(({ type }) => type === 'tool_use' || type === 'tool_result'),
  );
  if (!isUsed || (Array.isArray(tools) && tools.length > 0)) return null;
  return 'Requests which include `tool_use` or `tool_result` blocks must define tools.';
}

// Models that are given a budget want a turn of calls to begin with the thinking that led to them.
function checkTurnBegin(messages: readonly Message[], { thinking }: JsonObject): string | null {
  if (!isJsonObject(thinking) || thinking.type !== 'enabled') return null;
  const last = messages.at(-1);
  const isTurnOpen = last?.role === 'assistant' || last?.blocks.some(({ type }) => type === 'tool_result') === true;
  if (!isTurnOpen) return null;
  const asked = messages.findLastIndex(
    ({ role, blocks }) => role === 'user' && blocks.every(({ type }) => type !== 'tool_result'),
  );
  const first = messages[asked + 1]?.blocks[0];
  if (!first || isThinking(first)) return null;
  return `messages.${String(asked + 1)}.content.0.type: Expected \`thinking\` or \`redacted_thinking\`, but found \`${wordOf(first.type)}\`. ${ADVICE}`;
}

function isThinking({ type }: JsonObject): boolean {
  return type === 'thinking' || type === 'redacted_thinking';
}
