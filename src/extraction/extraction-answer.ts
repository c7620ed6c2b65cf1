import { collectChat } from '../core/chat/collect-chat.js';
import type { ChatEvent } from '../core/chat/chat-event.js';
import type { ChatMessage } from '../core/chat/chat-request.js';
import type { JsonProblem } from '../chat/structured/worker/messages.js';

/** Why an answer is none: `cut` says that more would have come, the last two that the model or its provider would not. */
export type MismatchReason = 'schema_mismatch' | 'length' | 'refusal' | 'content_filter';

/** What a model gave, as text. */
export interface RawAnswer {
  readonly text: string;
  /** Why it cannot be whole, or is none; null when nothing says so. */
  readonly end: Exclude<MismatchReason, 'schema_mismatch'> | null;
}

const FENCED = /^\s*```[A-Za-z0-9]*\s+([^]*?)\s*```\s*$/;
const MOST_SHOWN_CHARACTERS = 40_000;

/** Reads an answer to its end; a fence around the whole of it is no part of it. Rejects as the events do. */
export async function readAnswer(events: AsyncIterable<ChatEvent>): Promise<RawAnswer> {
  const choice = (await collectChat(events)).choices[0];
  if (!choice) return { text: '', end: null };
  const { refusal = '', finishReason } = choice;
  if (refusal !== '') return { text: choice.text + refusal, end: 'refusal' };
  const text = FENCED.exec(choice.text)?.[1] ?? choice.text;
  if (finishReason === 'content-filter') return { text, end: 'content_filter' };
  return { text, end: finishReason === 'length' ? 'length' : null };
}

/** What is said to the model so that it puts its last answer right. */
export function repairTurn({ text }: RawAnswer, problems: readonly JsonProblem[]): ChatMessage[] {
  const list = problems.map(({ path, message }) => `- ${path} ${message}`).join('\n');
  const order: ChatMessage = {
    role: 'user',
    content: [
      {
        type: 'text',
        text: `That answer does not match the JSON Schema, \`data\` being the whole of it:\n${list}\nGive the whole answer again, put right, as JSON and nothing else.`,
      },
    ],
  };
  const wrong = text.slice(0, MOST_SHOWN_CHARACTERS).toWellFormed();
  // Providers refuse empty turns.
  if (wrong.trim() === '') return [order];
  return [{ role: 'assistant', content: [{ type: 'text', text: wrong }] }, order];
}
