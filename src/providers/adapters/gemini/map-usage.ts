import { tokenUsage, type TokenUsage } from '../../../core/chat/token-usage.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../core/json.js';

const MOST_TOKENS = 1_000_000_000;

/**
 * Gemini's `usageMetadata` in disjoint classes. Null when there is none, or when any number in it is absurd (negative, not
 * whole, no number, past a thousand million, or a part larger than its whole): such a usage is counted by us instead.
 */
export function mapUsage(usage: JsonValue | undefined): TokenUsage | null {
  if (!isJsonObject(usage)) return null;
  const counts = {
    prompt: countOf(usage.promptTokenCount),
    toolPrompt: countOf(usage.toolUsePromptTokenCount ?? 0),
    cached: countOf(usage.cachedContentTokenCount ?? 0),
    candidates: countOf(usage.candidatesTokenCount ?? 0),
    reasoning: countOf(usage.thoughtsTokenCount ?? 0),
  };
  return isWhole(counts) ? disjoint(counts, usage) : null;
}

type Counts = Record<'prompt' | 'toolPrompt' | 'cached' | 'candidates' | 'reasoning', number>;

function isWhole(counts: Record<keyof Counts, number | null>): counts is Counts {
  return Object.values(counts).every((number) => number !== null);
}

function disjoint({ prompt, toolPrompt, cached, candidates, reasoning }: Counts, usage: JsonObject): TokenUsage | null {
  const media = mediaOf(usage);
  const input = prompt + toolPrompt - cached - media.imageInput - media.audioInput;
  const output = candidates - media.audioOutput;
  if (input < 0 || output < 0) return withoutMedia(prompt + toolPrompt, cached, candidates, reasoning);
  return tokenUsage({ input, cachedInput: cached, output, reasoning, ...media });
}

// Details that say more than the totals are not believed; the totals are.
function withoutMedia(prompt: number, cached: number, output: number, reasoning: number): TokenUsage | null {
  return cached > prompt ? null : tokenUsage({ input: prompt - cached, cachedInput: cached, output, reasoning });
}

// What was read from the cache is no image or audio any more: it is billed as cached.
function mediaOf(usage: JsonObject): Pick<TokenUsage, 'imageInput' | 'audioInput' | 'audioOutput'> {
  const input = [...detailsOf(usage.promptTokensDetails), ...detailsOf(usage.toolUsePromptTokensDetails)];
  const cached = detailsOf(usage.cacheTokensDetails);
  return {
    imageInput: Math.max(0, sumOf(input, 'IMAGE') - sumOf(cached, 'IMAGE')),
    audioInput: Math.max(0, sumOf(input, 'AUDIO') - sumOf(cached, 'AUDIO')),
    audioOutput: sumOf(detailsOf(usage.candidatesTokensDetails), 'AUDIO'),
  };
}

function detailsOf(details: JsonValue | undefined): JsonObject[] {
  return Array.isArray(details) ? details.filter(isJsonObject) : [];
}

function sumOf(details: readonly JsonObject[], modality: string): number {
  let sum = 0;
  for (const detail of details) if (detail.modality === modality) sum += countOf(detail.tokenCount) ?? 0;
  return sum;
}

/** A number of tokens; null when it is absurd. Vertex AI's `7.0` and `7` are one to JSON. */
export function countOf(value: JsonValue | undefined): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value <= MOST_TOKENS ? value : null;
}
