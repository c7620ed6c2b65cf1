import { isJsonObject, type JsonObject, type JsonValue } from '../../../core/json.js';
import { relayedFinishReason } from './map-finish-reason.js';

type Member = JsonValue | undefined;

/** Members of a delta or a message that are there or not there, but never null. */
const NEVER_NULL: readonly string[] = ['tool_calls', 'function_call', 'annotations'];

/**
 * The choice as OpenAI would have written it, so that it can be relayed to a strict client: the role named when it
 * begins and nowhere empty, nothing null that must not be, the finish reason one of OpenAI's or none. The choice itself
 * when there is nothing to mend.
 */
export function mendChoice(choice: JsonObject, isFirst: boolean): JsonObject {
  const reason = mendReason(choice.finish_reason);
  const key = isJsonObject(choice.delta) ? 'delta' : 'message';
  const content = mendContent(choice[key], isFirst);
  // A legacy completion has log probabilities of its own form.
  const isLegacy = content === undefined && typeof choice.text === 'string';
  const logprobs = isLegacy ? choice.logprobs : mendLogprobs(choice.logprobs);
  if (reason === choice.finish_reason && content === choice[key] && logprobs === choice.logprobs) return choice;
  const mended = { ...choice };
  if (reason !== undefined) mended.finish_reason = reason;
  if (content !== undefined) mended[key] = content;
  if (logprobs !== undefined) mended.logprobs = logprobs;
  return mended;
}

function mendReason(reason: Member): Member {
  if (typeof reason !== 'string') return reason;
  return reason === '' ? null : relayedFinishReason(reason);
}

function mendContent(content: Member, isFirst: boolean): Member {
  if (!isJsonObject(content)) return content;
  const isRoleWrong = content.role !== 'assistant' && (isFirst || content.role !== undefined);
  const hasNulls = NEVER_NULL.some((name) => content[name] === null);
  if (!isRoleWrong && !hasNulls) return content;
  const kept = Object.entries(content).filter(([name, value]) => value !== null || !NEVER_NULL.includes(name));
  return { ...Object.fromEntries(kept), ...(isRoleWrong && { role: 'assistant' }) };
}

// What stands there in another form than OpenAI's stays, beside the two lists that must be there.
function mendLogprobs(logprobs: Member): Member {
  if (!isJsonObject(logprobs) || (logprobs.content !== undefined && logprobs.refusal !== undefined)) return logprobs;
  return { content: null, refusal: null, ...logprobs };
}
