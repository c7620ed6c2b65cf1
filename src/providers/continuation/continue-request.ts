import type { ChatMessage, ChatRequest } from '../../core/chat/chat-request.js';
import { asNumber } from '../../core/exact-number.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json.js';
import type { ContinuationWay } from '../../core/telemetry/telemetry.js';
import { countTokens } from '../../tokens/count-tokens.js';

/** The text of an answer that broke off, without the white space at its end. */
export interface Beginning {
  readonly text: string;
  /** What is told to a model that takes no beginning of its answer. */
  readonly instruction: string;
}

/** How a target is asked for the rest: by the beginning of its own answer, by the same request again, or by being told. */
export type Way = ContinuationWay;

const OUTPUT_LIMITS = ['max_completion_tokens', 'max_tokens', 'max_output_tokens'] as const;

/**
 * The request for the rest of an answer. Its output limit is what remains of the client's; what answers all over again needs
 * the whole of it.
 */
export function continueRequest(request: ChatRequest, way: Way, { text, instruction }: Beginning): ChatRequest {
  if (way === 'restart') return request;
  const added: { role: 'assistant' | 'user'; text: string }[] = [{ role: 'assistant', text }];
  if (way === 'instruction') added.push({ role: 'user', text: instruction });
  const { maxOutputTokens, source } = request;
  const left = maxOutputTokens === undefined ? undefined : Math.max(1, maxOutputTokens - countTokens(text));
  return {
    ...request,
    messages: [
      ...request.messages,
      ...added.map((message): ChatMessage => ({ role: message.role, content: [{ type: 'text', text: message.text }] })),
    ],
    ...(left !== undefined && { maxOutputTokens: left }),
    ...(source && { source: { ...source, body: continueBody(source, added, left) } }),
  };
}

/** By how many tokens such a request's prompt is longer than the client's, by our count. */
export function addedTokens(way: Way, { text, instruction }: Beginning): number {
  if (way === 'restart') return 0;
  return countTokens(text) + (way === 'instruction' ? countTokens(instruction) : 0);
}

// An adapter of the same dialect sends the body on, and not what was read from it.
function continueBody(
  { dialect, body }: NonNullable<ChatRequest['source']>,
  added: readonly { role: string; text: string }[],
  left: number | undefined,
): JsonObject {
  const limits = OUTPUT_LIMITS.filter((name) => left !== undefined && asNumber(body[name]) !== undefined);
  const limited = { ...body, ...Object.fromEntries(limits.map((name) => [name, left])) };
  if (dialect === 'openai-completions') return { ...limited, ...continuePrompt(body, added) };
  // All dialects with messages or items write a text like this.
  const appended: JsonValue[] = added.map(({ role, text }) => ({ role, content: text }));
  if (dialect === 'openai-responses') return { ...limited, input: [...itemsOf(body), ...appended] };
  if (!Array.isArray(body.messages)) return body;
  const passed = dialect === 'anthropic-messages' ? withoutThinkingBudget(limited) : limited;
  return { ...passed, messages: [...body.messages, ...appended] };
}

// Anthropic's models do not begin in the middle of an answer when they are to think by a number of tokens, which may also be
// more than is left; and what is to become of earlier thoughts may only be said to those that think.
function withoutThinkingBudget(body: JsonObject): JsonObject {
  const { thinking, context_management: _, ...rest } = body;
  return isJsonObject(thinking) && thinking.type === 'enabled' ? rest : body;
}

// There the prompt and its answer are one text; the prompt was repeated already where that was asked for.
function continuePrompt({ prompt }: JsonObject, [answer]: readonly { text: string }[]): JsonObject {
  const text = Array.isArray(prompt) ? prompt[0] : prompt;
  return { prompt: `${typeof text === 'string' ? text : ''}${answer?.text ?? ''}`, echo: false };
}

function itemsOf({ input }: JsonObject): JsonValue[] {
  return Array.isArray(input) ? input : [{ role: 'user', content: input ?? '' }];
}
