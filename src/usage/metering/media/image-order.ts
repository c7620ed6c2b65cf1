import { tokenUsage } from '../../../core/chat/token-usage.js';
import type { ImageRequest } from '../../../core/media/media-request.js';
import type { MediaOrder } from '../media-order.js';
import { TextTokens } from './count-texts.js';

/** Tokens of an image of 1024x1024 by its quality, as OpenAI's guide to its image models has them; more pixels are more. */
const TOKENS: Readonly<Record<string, number>> = { low: 272, medium: 1_056, high: 4_160, auto: 4_160 };
/** A quality that nobody knows yet. */
const MOST_TOKENS = 16_640;
const PIXELS = 1_024 * 1_024;
/** The largest of the sizes that a model chooses from by itself. */
const LARGEST = '1024x1536';
const PARTIAL_IMAGE_TOKENS = 100;
/** What the models write besides: of themselves, nobody asks for it. */
const TEXT_TOKENS = 1_000;
const MARGIN = 1.1;

/** What images use: they are sold by the piece, or by tokens. */
export function imageOrder({ model, prompt, count, size, quality, partialImages }: ImageRequest): MediaOrder {
  const texts = new TextTokens([prompt]);
  const tokens = count * (tokensOf(size, quality) + partialImages * PARTIAL_IMAGE_TOKENS);
  return {
    operation: 'images',
    model,
    imageVariant: `${named(quality) ?? 'standard'} ${named(size) ?? '1024x1024'}`,
    roughTokens: () => texts.count,
    most: (type) =>
      tokenUsage({
        input: texts.mostAt(type),
        output: count * TEXT_TOKENS,
        imageOutput: Math.ceil(tokens * MARGIN),
        units: { image: count },
      }),
    usual: () => tokenUsage({ input: texts.count, imageOutput: tokens, units: { image: count } }),
  };
}

function named(word: string | null): string | null {
  return word === 'auto' ? null : word;
}

function tokensOf(size: string | null, quality: string | null): number {
  const [, width = '0', height = '0'] = /^(\d{1,5})x(\d{1,5})$/.exec(named(size) ?? LARGEST) ?? [];
  const pixels = Number(width) * Number(height) || PIXELS * 4;
  const word = quality ?? 'auto';
  const tokens = Object.hasOwn(TOKENS, word) ? TOKENS[word] : undefined;
  return Math.ceil(((tokens ?? MOST_TOKENS) * Math.max(pixels, PIXELS)) / PIXELS);
}
