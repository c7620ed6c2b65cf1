import type { ChatRequest } from '../../../core/chat/chat-request.js';
import type { ModelTraits } from './model-traits.js';

/** Sampling parameters, which the SDK's types leave out because the newest models refuse them. */
export interface Sampling {
  temperature?: number;
  top_p?: number;
  top_k?: number;
}

const MOST_TEMPERATURE = 1;
const LEAST_TOP_P_WHEN_THINKING = 0.95;
const THINKING = 'a model that thinks takes none';

/** The sampling parameters that this model takes in this request; `warn` hears of others that would change the answer. */
export function toSampling(
  request: ChatRequest,
  traits: ModelTraits,
  isThinking: boolean,
  warn: (message: string) => void,
): Sampling {
  const { temperature, topP, topK } = request;
  if (temperature === undefined && topP === undefined && topK === undefined) return {};
  if (!traits.takesSampling) return dropped(request, 'the model takes none', warn);
  if (isThinking) {
    if (topP === undefined || topP < LEAST_TOP_P_WHEN_THINKING) return dropped(request, THINKING, warn);
    return { top_p: topP, ...dropped({ temperature, topK }, THINKING, warn) };
  }
  return taken(request, traits, warn);
}

function taken(
  { temperature, topP, topK }: ChatRequest,
  traits: ModelTraits,
  warn: (message: string) => void,
): Sampling {
  const isOneTooMany = temperature !== undefined && topP !== undefined && !traits.takesBothSamplings;
  if (isOneTooMany) warn('top_p was dropped: the model takes either it or a temperature.');
  return { temperature: clamp(temperature, warn), top_p: isOneTooMany ? undefined : topP, top_k: topK };
}

// A temperature and a top_p of 1 are what the model does anyway.
function dropped(
  { temperature = 1, topP = 1, topK }: Pick<ChatRequest, 'temperature' | 'topP' | 'topK'>,
  why: string,
  warn: (message: string) => void,
): Sampling {
  if (temperature !== 1 || topP !== 1 || topK !== undefined) {
    warn(`Temperature, top_p and top_k were dropped: ${why}.`);
  }
  return {};
}

function clamp(temperature: number | undefined, warn: (message: string) => void): number | undefined {
  if (temperature === undefined || temperature <= MOST_TEMPERATURE) return temperature;
  warn('The temperature was lowered to 1, the highest.');
  return MOST_TEMPERATURE;
}
