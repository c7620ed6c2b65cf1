import type { ChatEvent, FinishReason } from '../../../../core/chat/chat-event.js';
import { isJsonObject, type JsonObject } from '../../../../core/json.js';
import type { AttemptContext } from '../../../provider-adapter.js';
import { ProviderError } from '../../../provider-error.js';
import { toProviderError } from '../../../transport/upstream-failure.js';
import { textOf } from '../read-content.js';
import { mapResponseUsage, mendResponseUsage } from './map-response-usage.js';
import type { OutputReader } from './output-reader.js';
import { readResponseFailure } from './read-response-failure.js';

/** What a reader of responses needs to know of the attempt. */
export type ReadingAttempt = Pick<AttemptContext, 'skipped' | 'implausibleUsage' | 'mayBeEmpty' | 'apiKey'>;

/** A response that is over: what of it was not told yet, and itself as it can be relayed. */
export interface Ending {
  readonly events: ChatEvent[];
  readonly response: JsonObject;
}

const INCOMPLETE: Readonly<Record<string, FinishReason>> = {
  max_output_tokens: 'length',
  max_tokens: 'length',
  content_filter: 'content-filter',
};

/**
 * Reads a response that is over. Throws what it says when it failed, `interrupted` when somebody stopped it or it is not
 * over, and `malformed` when it holds nothing at all.
 */
export function readEnding(response: JsonObject, output: OutputReader, attempt: ReadingAttempt): Ending {
  const status = textOf(response.status) ?? 'completed';
  if (status === 'failed' || (response.error ?? null) !== null) {
    throw toProviderError(readResponseFailure(response.error), attempt.apiKey);
  }
  if (status !== 'completed' && status !== 'incomplete') {
    throw new ProviderError('interrupted', "The provider's answer was stopped before it was finished.");
  }
  const { events, mended } = output.endAll(itemsOf(response));
  if (status === 'completed' && output.isEmpty && attempt.mayBeEmpty !== true) {
    throw new ProviderError('malformed', "The provider's answer holds no message.");
  }
  events.push(toFinish(status, response, output));
  const usage = mapResponseUsage(response.usage);
  if (usage) events.push({ type: 'usage', usage });
  else if (isJsonObject(response.usage)) attempt.implausibleUsage();
  return { events, response: toRelayed(response, mended, usage !== null) };
}

function itemsOf({ output }: JsonObject): JsonObject[] {
  return Array.isArray(output) ? output.filter(isJsonObject) : [];
}

function toFinish(status: string, { incomplete_details: details }: JsonObject, output: OutputReader): ChatEvent {
  if (status === 'completed') {
    return {
      type: 'finish',
      choice: 0,
      finishReason: output.hasCalls ? 'tool-calls' : 'stop',
      rawFinishReason: status,
    };
  }
  const reason = (isJsonObject(details) ? textOf(details.reason) : null) ?? status;
  return { type: 'finish', choice: 0, finishReason: INCOMPLETE[reason] ?? 'other', rawFinishReason: reason };
}

// A usage that cannot be meant is counted by us and not relayed.
function toRelayed(response: JsonObject, mended: JsonObject[] | null, hasUsage: boolean): JsonObject {
  const { usage, ...rest } = mended ? { ...response, output: mended } : response;
  if (usage === undefined) return mended ? rest : response;
  if (!hasUsage || !isJsonObject(usage)) return rest;
  const fit = mendResponseUsage(usage);
  return fit === usage && !mended ? response : { ...rest, usage: fit };
}
