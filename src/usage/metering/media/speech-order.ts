import { tokenUsage } from '../../../core/chat/token-usage.js';
import type { SpeechRequest } from '../../../core/media/media-request.js';
import type { MediaOrder } from '../media-order.js';
import { TextTokens } from './count-texts.js';

/** A voice reads about 15 letters in a second; Chinese ones, and voices that are told to be slow, far fewer. */
const USUAL_CHARACTERS_PER_SECOND = 15;
const FEWEST_CHARACTERS_PER_SECOND = 3;
const MOST_PAUSE_SECONDS = 5;
/** Of OpenAI's speech models, whose minute is 1,250 tokens. */
const TOKENS_PER_SECOND = 1_250 / 60;
const MOST_TOKENS_PER_SECOND = 25;

/** What speech uses: it is sold by the characters that are read, or by tokens, or seconds, of sound. */
export function speechOrder({ model, input, instructions, speed }: SpeechRequest): MediaOrder {
  const texts = new TextTokens([input, instructions]);
  const characters = Array.from(input).length;
  const usualSeconds = Math.ceil(characters / (USUAL_CHARACTERS_PER_SECOND * speed));
  const mostSeconds = Math.ceil(characters / (FEWEST_CHARACTERS_PER_SECOND * speed)) + MOST_PAUSE_SECONDS;
  return {
    operation: 'speech',
    model,
    roughTokens: () => texts.count,
    most: (type) =>
      tokenUsage({
        input: texts.mostAt(type),
        audioOutput: mostSeconds * MOST_TOKENS_PER_SECOND,
        units: { character: characters, audioOutputSecond: mostSeconds },
      }),
    usual: () =>
      tokenUsage({
        input: texts.count,
        audioOutput: Math.ceil(usualSeconds * TOKENS_PER_SECOND),
        units: { character: characters, audioOutputSecond: usualSeconds },
      }),
  };
}
