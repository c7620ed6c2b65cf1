import type { ChatChoice, ChatResult } from '../../core/chat/chat-result.js';
import { addUsage } from '../../core/chat/token-usage.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json.js';
import { renderOpenAiUsage } from '../openai-chat/render-usage.js';
import { toCompletionHead } from './completion-head.js';
import { toLegacyFinishReason } from './legacy-finish-reason.js';
import type { CompletionRequest } from './parse-completion-request.js';
import { toLegacyLogprobs } from './to-legacy-logprobs.js';

type Asked = Pick<CompletionRequest, 'choices' | 'echoes'>;

/**
 * A `text_completion` object with the choices of every prompt's answer. Each is the provider's own where it spoke this dialect
 * and nothing changed it, else ours.
 */
export function renderCompletionResults(results: readonly ChatResult[], asked: Asked): JsonObject {
  const rendered = results.map((result, prompt) => renderResult(result, asked.echoes[prompt] ?? ''));
  const [first = {}] = rendered;
  if (rendered.length === 1) return first;
  const usages = results.map(({ usage }) => usage).filter((usage) => usage !== null);
  return {
    ...first,
    choices: rendered.flatMap(({ choices }, prompt) => shiftChoices(choices, prompt * asked.choices)),
    ...(usages.length > 0 && { usage: renderOpenAiUsage(usages.reduce(addUsage)) }),
  };
}

/** The choices on the wire, counted on from `offset`. */
export function shiftChoices(choices: JsonValue | undefined, offset: number): JsonObject[] {
  const list = Array.isArray(choices) ? choices.filter(isJsonObject) : [];
  return list.map((choice, position) => ({
    ...choice,
    index: offset + (typeof choice.index === 'number' ? choice.index : position),
  }));
}

function renderResult(result: ChatResult, echo: string): JsonObject {
  const head = toCompletionHead(result);
  const usage = result.usage && renderOpenAiUsage(result.usage);
  const relayed = relayedReply(result);
  if (relayed) return { ...relayed, ...headOf(relayed, head), ...(result.usage?.estimated === true && { usage }) };
  return {
    ...head,
    object: 'text_completion',
    choices: result.choices.map((choice) => renderChoice(choice, echo)),
    ...(usage && { usage }),
  };
}

function relayedReply({ wire, choices }: ChatResult): JsonObject | null {
  const value = wire?.dialect === 'openai-completions' ? wire.value : null;
  if (!isJsonObject(value) || !Array.isArray(value.choices)) return null;
  const read = new Map(choices.map((choice) => [choice.index, choice]));
  return {
    ...value,
    // Some compatible servers leave out members that the schema demands.
    choices: value.choices.filter(isJsonObject).map((choice, position) => {
      const index = typeof choice.index === 'number' ? choice.index : position;
      const reason = toLegacyFinishReason(read.get(index)?.finishReason ?? null);
      return { logprobs: null, ...choice, index, text: choice.text ?? '', finish_reason: reason };
    }),
  };
}

function headOf(value: JsonObject, { id, created, model }: ReturnType<typeof toCompletionHead>): JsonObject {
  return {
    id: typeof value.id === 'string' && value.id !== '' ? value.id : id,
    object: 'text_completion',
    created: Number.isSafeInteger(value.created) ? value.created : created,
    model: typeof value.model === 'string' ? value.model : model,
  };
}

function renderChoice({ index, text, refusal = '', logprobs, finishReason }: ChatChoice, echo: string): JsonObject {
  return {
    text: echo + text + refusal,
    index,
    logprobs: toLegacyLogprobs(logprobs, echo.length),
    finish_reason: toLegacyFinishReason(finishReason),
  };
}
