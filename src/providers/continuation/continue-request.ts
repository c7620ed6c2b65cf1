import type { ChatMessage, ChatRequest } from '../../core/chat/chat-request.js';
import type { JsonObject, JsonValue } from '../../core/json.js';
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

const OUTPUT_LIMITS = ['max_completion_tokens', 'max_tokens'] as const;

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
    ...(source && { source: { ...source, body: continueBody(source.body, added, left) } }),
  };
}

/** By how many tokens such a request's prompt is longer than the client's, by our count. */
export function addedTokens(way: Way, { text, instruction }: Beginning): number {
  if (way === 'restart') return 0;
  return countTokens(text) + (way === 'instruction' ? countTokens(instruction) : 0);
}

// An adapter of the same dialect sends the body on, and not what was read from it. Both vendors' dialects that have messages
// write a text like this.
function continueBody(
  body: JsonObject,
  added: readonly { role: string; text: string }[],
  left: number | undefined,
): JsonObject {
  const { messages } = body;
  if (!Array.isArray(messages)) return body;
  const appended: JsonValue[] = added.map(({ role, text }) => ({ role, content: text }));
  const limits = OUTPUT_LIMITS.filter((name) => left !== undefined && typeof body[name] === 'number');
  return {
    ...body,
    messages: [...messages, ...appended],
    ...Object.fromEntries(limits.map((name) => [name, left])),
  };
}
