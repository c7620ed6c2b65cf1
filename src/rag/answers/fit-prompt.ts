import { AppError } from '../../core/errors/app-error.js';
import { countTokens } from '../../tokens/count-tokens.js';
import type { RetrievedChunk } from '../store/load-chunks.js';
import { assemblePrompt, type HistoryTurn, type PromptInput } from './assemble-prompt.js';

/** What of a conversation and its sources fits into a model's window. */
export interface FittedPrompt {
  sources: readonly RetrievedChunk[];
  history: readonly HistoryTurn[];
}

// What stands around a source or a turn: its number and title, its role.
const FRAME_TOKENS = 24;
// A long text is counted by its beginning, and a little more is assumed of the rest.
const SAMPLE_UNITS = 2_000;
const SAMPLE_MARGIN = 1.1;
// The sources come first; the conversation gets what they leave, and at least this share.
const HISTORY_SHARE = 0.3;

/**
 * Leaves out what a prompt of `promptTokens` has no room for: the oldest turns first, then the sources that fit the
 * question least. Throws `context_length_exceeded` when not even the best source has room.
 */
export function fitPrompt(input: PromptInput, promptTokens: number): FittedPrompt {
  const { sources, history } = input;
  const fixedText = fixedTextOf(input);
  const characters = [...sources, ...history].reduce((sum, item) => sum + lengthOf(item) + FRAME_TOKENS, 0);
  // Hardly any text has more than two tokens to a character: then nothing has to be counted.
  if ((characters + fixedText.length) * 2 <= promptTokens) return { sources, history };
  const room = promptTokens - tokensOf(fixedText);
  const costs = sources.map((source) => tokensOf(`${source.title ?? ''}\n${source.text}`) + FRAME_TOKENS);
  const wanted = costs.reduce((sum, cost) => sum + cost, 0);
  const turns = keepNewest(history, Math.max(room - wanted, room * HISTORY_SHARE));
  const kept = keepFirst(sources, costs, room - turns.tokens);
  if (kept.length === 0 && sources.length > 0) throw tooLong();
  return { sources: kept, history: turns.kept };
}

function keepNewest(history: readonly HistoryTurn[], room: number): { kept: readonly HistoryTurn[]; tokens: number } {
  let tokens = 0;
  let from = history.length;
  for (; from > 0; from -= 1) {
    const cost = tokensOf(history[from - 1]?.content ?? '') + FRAME_TOKENS;
    if (tokens + cost > room) break;
    tokens += cost;
  }
  // What was answered without its question says nothing.
  const kept = history.slice(from);
  const firstQuestion = kept.findIndex((turn) => turn.role === 'user');
  return { kept: from === 0 ? history : firstQuestion < 0 ? [] : kept.slice(firstQuestion), tokens };
}

function keepFirst(sources: readonly RetrievedChunk[], costs: readonly number[], room: number): RetrievedChunk[] {
  let left = room;
  return sources.filter((_source, index) => {
    const cost = costs[index] ?? 0;
    if (cost > left) return false;
    left -= cost;
    return true;
  });
}

function fixedTextOf(input: PromptInput): string {
  const { messages } = assemblePrompt({ ...input, sources: [], history: [] });
  return messages
    .flatMap((message) => message.content.map((part) => (part.type === 'text' ? part.text : '')))
    .join('\n');
}

function lengthOf(item: RetrievedChunk | HistoryTurn): number {
  return 'content' in item ? item.content.length : item.text.length + (item.title?.length ?? 0);
}

function tokensOf(text: string): number {
  if (text.length <= SAMPLE_UNITS) return countTokens(text);
  return Math.ceil((countTokens(text.slice(0, SAMPLE_UNITS)) * text.length * SAMPLE_MARGIN) / SAMPLE_UNITS);
}

function tooLong(): AppError {
  return new AppError(
    'context_length_exceeded',
    'The question and its instructions leave no room for a source in the context window of the model. Shorten them, ' +
      'index into a collection with smaller chunks, or name a model with a larger window.',
    { param: 'model' },
  );
}
