import type { ChatRequest } from '../../../core/chat/chat-request.js';
import type { JsonObject } from '../../../core/json.js';
import type { AttemptContext } from '../../provider-adapter.js';
import type { GenerateBody, WireConfig } from './generate-body.js';
import { type ModelTraits, modelTraits } from './model-traits.js';
import { toContents } from './to-contents.js';
import { toMediaResolution } from './to-media-resolution.js';
import { toResponseFormat } from './to-response-format.js';
import { toThinking } from './to-thinking.js';
import { toGeminiTools } from './to-tools.js';

type Warn = (message: string) => void;

/** Where the request goes: what the model can write, who hears what could not be carried, and what the API takes. */
export interface Destination extends Pick<AttemptContext, 'maxOutputTokens' | 'warn'> {
  /** Vertex AI refuses the ids of function calls for models that give none. */
  readonly isVertex: boolean;
}

const MOST_STOPS = 5;

/** The body for `:generateContent` and `:streamGenerateContent`, which is the same for both. */
export function buildGenerateBody(model: string, request: ChatRequest, destination: Destination): JsonObject {
  const warn: Warn = (message) => {
    destination.warn(message);
  };
  warnAboutLosses(request, warn);
  const traits = modelTraits(model);
  const hasCallIds = !destination.isVertex || traits.wantsSignatures;
  const { system, contents } = toContents(request.messages, { ...traits, hasCallIds }, warn);
  const generationConfig: WireConfig = {
    ...samplingOf(request, traits, warn),
    maxOutputTokens: outputLimit(request.maxOutputTokens, destination.maxOutputTokens, warn),
    // Newer models refuse the field whatever it says.
    candidateCount: request.choices === 1 ? undefined : request.choices,
    ...toResponseFormat(request.responseFormat),
    thinkingConfig: toThinking(request.reasoning, traits, warn),
    mediaResolution: toMediaResolution(request.messages, warn),
  };
  const body: GenerateBody = {
    contents,
    systemInstruction: system.length > 0 ? { parts: system } : undefined,
    ...toGeminiTools(request, warn),
    generationConfig,
  };
  return body as unknown as JsonObject;
}

function samplingOf(request: ChatRequest, traits: ModelTraits, warn: Warn): WireConfig {
  const { seed, logprobs, topLogprobs } = request;
  return {
    ...chanceOf(request, traits, warn),
    seed,
    stopSequences: stopsOf(request.stop, warn),
    ...penaltiesOf(request, traits, warn),
    ...(logprobs === true && { responseLogprobs: true, logprobs: topLogprobs }),
  };
}

function chanceOf({ temperature, topP, topK }: ChatRequest, traits: ModelTraits, warn: Warn): WireConfig {
  if (traits.takesSampling) return { temperature, topP, topK };
  if (temperature !== undefined || topP !== undefined || topK !== undefined) {
    warn('The sampling parameters (temperature, top-p, top-k) were dropped: the model sets them itself.');
  }
  return {};
}

function penaltiesOf(request: ChatRequest, traits: ModelTraits, warn: Warn): WireConfig {
  const { presencePenalty, frequencyPenalty } = request;
  if (traits.takesPenalties) return { presencePenalty, frequencyPenalty };
  if ((presencePenalty ?? 0) !== 0 || (frequencyPenalty ?? 0) !== 0) {
    warn('The presence and frequency penalties were dropped: the model takes none.');
  }
  return {};
}

function stopsOf(stop: readonly string[] | undefined, warn: Warn): string[] | undefined {
  const stops = (stop ?? []).filter((sequence) => sequence !== '');
  if (stops.length > MOST_STOPS)
    warn(`Only the first ${String(MOST_STOPS)} stop sequences were sent: Gemini takes no more.`);
  return stops.length > 0 ? stops.slice(0, MOST_STOPS) : undefined;
}

function outputLimit(client: number | undefined, model: number | null, warn: Warn): number | undefined {
  if (client === undefined || model === null || client <= model) return client;
  warn(`The output limit was lowered to ${String(model)} tokens: the model writes no more.`);
  return model;
}

function warnAboutLosses(request: ChatRequest, warn: Warn): void {
  const lost = { logit_bias: request.logitBias, user: request.user };
  for (const [name, value] of Object.entries(lost)) {
    if (value !== undefined) warn(`The parameter \`${name}\` was dropped: Gemini has none like it.`);
  }
  for (const name of request.extraParameters ?? []) {
    warn(`The parameter \`${name}\` was dropped: Gemini has none like it.`);
  }
}
