import { tokenUsage } from '../../../core/chat/token-usage.js';
import type { ModerationRequest } from '../../../core/media/media-request.js';
import type { MediaOrder } from '../media-order.js';
import { TextTokens } from './count-texts.js';

const TOKENS_PER_IMAGE = 85;
const MOST_TOKENS_PER_IMAGE = 2_000;

/** What judgements of texts and images use: tokens, which cost nothing where the vendor gives them away. */
export function moderationOrder({ model, texts: all, imageCount }: ModerationRequest): MediaOrder {
  const texts = new TextTokens(all);
  return {
    operation: 'moderations',
    model,
    roughTokens: () => texts.count,
    most: (type) => tokenUsage({ input: texts.mostAt(type) + imageCount * MOST_TOKENS_PER_IMAGE }),
    // A text may be empty, and was judged all the same.
    usual: () => tokenUsage({ input: Math.max(1, texts.count + imageCount * TOKENS_PER_IMAGE) }),
  };
}
