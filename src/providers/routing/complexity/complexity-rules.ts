import type { ChatRequest } from '../../../core/chat/chat-request.js';
import { measureChat } from '../prompt-size.js';
import { DEMANDING_WORDS } from './demanding-words.js';
import { matcherOf } from './word-matcher.js';

export interface ComplexityRule {
  /** The word in the answer's header; no two rules share one. */
  readonly reason: string;
  readonly fits: (request: ChatRequest) => boolean;
}

export const LONG_OUTPUT_TOKENS = 4_096;
export const LONG_PROMPT_TOKENS = 1_500;
export const LONG_CONVERSATION_MESSAGES = 12;
export const SEVERAL_QUESTIONS = 3;
/** How much of the last message is looked at: whatever is longer is a long prompt anyway. */
const EXAMINED_UNITS = 6_000;

const CODE_BLOCK = /^ {0,3}(?:```|~~~)/m;
// A run of marks is tried once, from its beginning: else a long one takes the square of its length.
const QUESTION = /[？؟]|(?<!\?)\?+(?=[\s"'”’»)\]]|$)/g;
const FORMULA = /\\(?:frac|int|sum|prod|sqrt|lim|begin\{)|[∫∑∏√∂∇]/;

const ATTACHMENTS: ReadonlySet<string> = new Set(['image', 'audio', 'file']);

const code = matcherOf(DEMANDING_WORDS.code);
const mathematics = matcherOf(DEMANDING_WORDS.mathematics);
const analysis = matcherOf(DEMANDING_WORDS.analysis);
const writing = matcherOf(DEMANDING_WORDS.writing);

/** What makes a request a demanding one; the first rule that fits gives the reason. Cheap ones come first. */
export const COMPLEXITY_RULES: readonly ComplexityRule[] = [
  { reason: 'attachment', fits: hasAttachment },
  { reason: 'tools', fits: mayCallTools },
  { reason: 'schema', fits: ({ responseFormat }) => responseFormat?.type === 'json-schema' },
  { reason: 'reasoning', fits: asksForReasoning },
  { reason: 'long-output', fits: ({ maxOutputTokens = 0 }) => maxOutputTokens > LONG_OUTPUT_TOKENS },
  { reason: 'long-conversation', fits: isLongConversation },
  { reason: 'long-prompt', fits: (request) => measureChat(request, false).tokens > LONG_PROMPT_TOKENS },
  { reason: 'code-block', fits: (request) => CODE_BLOCK.test(lastQuestion(request)) },
  { reason: 'questions', fits: (request) => countQuestions(lastQuestion(request)) >= SEVERAL_QUESTIONS },
  { reason: 'code', fits: (request) => code.test(lastQuestion(request)) },
  { reason: 'math', fits: asksForMathematics },
  { reason: 'analysis', fits: (request) => analysis.test(lastQuestion(request)) },
  { reason: 'writing', fits: (request) => writing.test(lastQuestion(request)) },
];

function hasAttachment({ messages }: ChatRequest): boolean {
  return messages.some(({ content }) => content.some(({ type }) => ATTACHMENTS.has(type)));
}

function mayCallTools({ tools = [], toolChoice }: ChatRequest): boolean {
  return tools.length > 0 && toolChoice?.type !== 'none';
}

function asksForReasoning({ reasoning }: ChatRequest): boolean {
  const { effort, budgetTokens = 0 } = reasoning ?? {};
  if (effort === 'none' || effort === 'minimal') return false;
  return effort !== undefined || budgetTokens > 0;
}

function isLongConversation({ messages }: ChatRequest): boolean {
  return messages.filter(({ role }) => role !== 'system').length > LONG_CONVERSATION_MESSAGES;
}

function asksForMathematics(request: ChatRequest): boolean {
  const text = lastQuestion(request);
  return FORMULA.test(text) || mathematics.test(text);
}

function countQuestions(text: string): number {
  return text.match(QUESTION)?.length ?? 0;
}

// Standing instructions and what was talked about before are the same for the simplest question.
function lastQuestion({ messages }: ChatRequest): string {
  const last = messages.findLast(({ role }) => role === 'user');
  let text = '';
  for (const part of last?.content ?? []) if (part.type === 'text') text += `${part.text}\n`;
  return text.slice(0, EXAMINED_UNITS);
}
