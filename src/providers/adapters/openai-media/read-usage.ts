import { tokenUsage, type TokenUsage } from '../../../core/chat/token-usage.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../core/json.js';

const MOST = 1_000_000_000;

/** What a usage says; `undefined` when there is none, null when a number in it cannot be meant. */
type ReadUsage = TokenUsage | null | undefined;

/** Of images: texts and images come in, and go out. */
export function readImageUsage(usage: JsonValue | undefined): ReadUsage {
  if (!isJsonObject(usage)) return undefined;
  const inputs = partsOf(usage.input_tokens_details);
  const outputs = partsOf(usage.output_tokens_details);
  const input = countOf(usage.input_tokens);
  const output = countOf(usage.output_tokens);
  const cached = countOf(inputs.cached_tokens ?? 0);
  const images = countOf(inputs.image_tokens ?? 0);
  const texts = countOf(outputs.text_tokens ?? 0);
  if (input === null || output === null || cached === null || images === null || texts === null) return null;
  if (cached + images > input || texts > output) return null;
  const counts = { input: input - cached - images, cachedInput: cached, imageInput: images };
  return tokenUsage({ ...counts, output: texts, imageOutput: output - texts });
}

/** Of speech: text goes in, sound comes out. */
export function readSpeechUsage(usage: JsonValue | undefined): ReadUsage {
  if (!isJsonObject(usage)) return undefined;
  const input = countOf(usage.input_tokens);
  const audioOutput = countOf(usage.output_tokens);
  return input === null || audioOutput === null ? null : tokenUsage({ input, audioOutput });
}

/** Of a transcript: tokens, or seconds of which those that were begun are whole. `seconds` stands in where there is no usage. */
export function readTranscriptUsage(usage: JsonValue | undefined, seconds?: JsonValue): ReadUsage {
  if (!isJsonObject(usage)) return seconds === undefined ? undefined : ofSeconds(seconds);
  if (usage.seconds !== undefined) return ofSeconds(usage.seconds);
  const details = partsOf(usage.input_token_details ?? usage.input_tokens_details);
  const input = countOf(usage.input_tokens);
  const output = countOf(usage.output_tokens);
  const sound = countOf(details.audio_tokens ?? usage.input_tokens);
  if (input === null || output === null || sound === null || sound > input) return null;
  return tokenUsage({ input: input - sound, audioInput: sound, output });
}

function ofSeconds(value: JsonValue | undefined): TokenUsage | null {
  const isLength = typeof value === 'number' && value >= 0 && value <= MOST;
  return isLength ? tokenUsage({ units: { audioInputSecond: Math.ceil(value) } }) : null;
}

function partsOf(value: JsonValue | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}

function countOf(value: JsonValue | undefined): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value <= MOST ? value : null;
}
