import { tokenUsage } from '../../../core/chat/token-usage.js';
import type { TranscriptionRequest } from '../../../core/media/media-request.js';
import type { MediaOrder } from '../media-order.js';
import { TextTokens } from './count-texts.js';

/** OpenAI hears ten tokens in a second. */
const TOKENS_PER_SECOND = 10;
const MOST_TOKENS_PER_SECOND = 15;
const WRITTEN_TOKENS_PER_SECOND = 4;
const MOST_WRITTEN_TOKENS_PER_SECOND = 8;
const LEAST_ANSWER_TOKENS = 2_000;
/** Sound is never stored in less than speech needs at its barest, nor in more than a film does. */
const LEAST_BYTES_PER_SECOND = 750;
const MOST_BYTES_PER_SECOND = 2_000_000;

/** What a transcript uses: it is sold by the second of sound, or by tokens. A file cannot make itself shorter than its bytes. */
export function transcriptionOrder({ model, prompt, file }: TranscriptionRequest): MediaOrder {
  const texts = new TextTokens([prompt]);
  const least = Math.ceil(file.sizeBytes / MOST_BYTES_PER_SECOND);
  const unknown = Math.ceil(file.sizeBytes / LEAST_BYTES_PER_SECOND);
  const seconds = file.seconds === null ? unknown : Math.max(least, Math.ceil(file.seconds));
  return {
    operation: 'transcriptions',
    model,
    roughTokens: () => texts.count + seconds * TOKENS_PER_SECOND,
    most: (type) =>
      tokenUsage({
        input: texts.mostAt(type),
        audioInput: seconds * MOST_TOKENS_PER_SECOND,
        output: Math.max(LEAST_ANSWER_TOKENS, seconds * MOST_WRITTEN_TOKENS_PER_SECOND),
        units: { audioInputSecond: seconds + 1 },
      }),
    usual: () =>
      tokenUsage({
        input: texts.count,
        audioInput: seconds * TOKENS_PER_SECOND,
        output: seconds * WRITTEN_TOKENS_PER_SECOND,
        units: { audioInputSecond: seconds },
      }),
  };
}
