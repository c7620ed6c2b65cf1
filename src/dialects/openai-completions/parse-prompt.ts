import type { TextPart } from '../../core/chat/chat-request.js';
import type { JsonValue } from '../../core/json.js';
import { readArray, refuse, refuseType } from '../read-parameters.js';

const MOST_PROMPTS = 128;
const MOST_TOKENS = 1_000_000;
/** One token in every tokenizer. */
const SOME_TOKEN = ' a';
/** What OpenAI goes on from when nobody says. */
const BEGINNING = '<|endoftext|>';

/** One prompt of a legacy completion. */
export interface Prompt {
  /** As it came: a text, or the numbers of its tokens. */
  readonly value: JsonValue;
  /** What it is to models that chat. */
  readonly content: TextPart;
  /** Its text; null where only the numbers of its tokens are known. */
  readonly text: string | null;
}

/** The prompts of a request: a text, a list of texts, the numbers of tokens, or a list of such lists. */
export function parsePrompts(prompt: JsonValue | undefined): Prompt[] {
  if (prompt === undefined || prompt === null) return [toPrompt(BEGINNING)];
  if (typeof prompt === 'string') return [toPrompt(prompt)];
  if (!Array.isArray(prompt)) return refuseType('prompt', 'a string or an array', prompt);
  if (prompt.length === 0) return refuse('invalid_value', 'prompt', '`prompt` must hold at least one text.');
  if (typeof prompt[0] === 'number') return [toTokens(prompt, 'prompt')];
  const list = readArray(prompt, 'prompt', MOST_PROMPTS) ?? [];
  return list.map((each, index) => {
    const path = `prompt[${String(index)}]`;
    if (typeof each === 'string') return toPrompt(each);
    return Array.isArray(each) ? toTokens(each, path) : refuseType(path, 'a string or an array of token numbers', each);
  });
}

function toPrompt(text: string): Prompt {
  return { value: text, content: { type: 'text', text }, text };
}

// Who reads the numbers gets them as they came, and nobody else is asked: the text stands for their count alone.
function toTokens(numbers: readonly JsonValue[], path: string): Prompt {
  if (numbers.length === 0) return refuse('invalid_value', path, `\`${path}\` must hold at least one token.`);
  if (numbers.length > MOST_TOKENS) {
    return refuse('array_too_long', path, `\`${path}\` must hold at most ${String(MOST_TOKENS)} tokens.`);
  }
  const wrong = numbers.findIndex((number) => !Number.isSafeInteger(number) || Number(number) < 0);
  if (wrong >= 0) return refuseType(`${path}[${String(wrong)}]`, 'the number of a token', numbers[wrong]);
  return { value: [...numbers], content: { type: 'text', text: SOME_TOKEN.repeat(numbers.length) }, text: null };
}
