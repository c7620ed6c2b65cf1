import type { ChatRequest } from '../../../core/chat/chat-request.js';
import type { ModelTraits } from './model-traits.js';

/** Sampling parameters, which the SDK's types leave out because the newest models refuse them. */
export interface Sampling {
  temperature?: number;
  top_p?: number;
  top_k?: number;
}

const MOST_TEMPERATURE = 1;

/** The sampling parameters that this model takes in this request; `warn` hears of the others. */
export function toSampling(
  request: ChatRequest,
  traits: ModelTraits,
  isThinking: boolean,
  warn: (message: string) => void,
): Sampling {
  const { temperature, topP, topK } = request;
  if (temperature === undefined && topP === undefined && topK === undefined) return {};
  if (isThinking || !traits.takesSampling) {
    const why = isThinking ? 'a model that thinks takes none' : 'the model takes none';
    warn(`Temperature, top_p and top_k were dropped: ${why}.`);
    return {};
  }
  const isOneTooMany = temperature !== undefined && topP !== undefined && !traits.takesBothSamplings;
  if (isOneTooMany) warn('top_p was dropped: the model takes either it or a temperature.');
  return { temperature: clamp(temperature, warn), top_p: isOneTooMany ? undefined : topP, top_k: topK };
}

function clamp(temperature: number | undefined, warn: (message: string) => void): number | undefined {
  if (temperature === undefined || temperature <= MOST_TEMPERATURE) return temperature;
  warn('The temperature was lowered to 1, the highest.');
  return MOST_TEMPERATURE;
}
