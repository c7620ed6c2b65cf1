import { isJsonObject, type JsonObject } from '../../../core/json.js';
import { standardFinishReason } from './map-finish-reason.js';

/**
 * The choice as OpenAI would have written it, so that it can be relayed to a strict client: the role named when it
 * begins and nowhere empty, the finish reason one of OpenAI's or none. The choice itself when there is nothing to mend.
 */
export function mendChoice(choice: JsonObject, isFirst: boolean): JsonObject {
  const reason = mendReason(choice.finish_reason);
  const key = isJsonObject(choice.delta) ? 'delta' : 'message';
  const content = choice[key];
  const isRoleWrong = isJsonObject(content) && content.role !== 'assistant' && (isFirst || content.role !== undefined);
  if (reason === choice.finish_reason && !isRoleWrong) return choice;
  const mended = { ...choice };
  if (reason !== undefined) mended.finish_reason = reason;
  if (isRoleWrong) mended[key] = { ...content, role: 'assistant' };
  return mended;
}

function mendReason(reason: JsonObject[string] | undefined): JsonObject[string] | undefined {
  if (typeof reason !== 'string') return reason;
  return reason === '' ? null : standardFinishReason(reason);
}
