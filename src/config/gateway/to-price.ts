import type { PriceConfig } from '../gateway-config.js';
import type { PriceEntry, TokenPriceEntry } from './models-file.js';

/** A model's configured price; its tiers come out in ascending order. */
export function toPrice(entry: PriceEntry): PriceConfig {
  const price: PriceConfig = toTokenPrices(entry);
  const { per_image, per_audio_input_second, per_audio_output_second, per_character, per_search, images } = entry;
  const units = {
    image: per_image,
    audioInputSecond: per_audio_input_second,
    audioOutputSecond: per_audio_output_second,
    character: per_character,
    search: per_search,
    images,
  };
  return {
    ...price,
    ...(entry.tiers && { tiers: toTiers(entry.tiers) }),
    ...(entry.batch_discount !== undefined && { batchDiscount: entry.batch_discount }),
    ...(Object.values(units).some((unit) => unit !== undefined) && { units }),
  };
}

function toTokenPrices(entry: TokenPriceEntry): PriceConfig {
  return {
    input: entry.input,
    output: entry.output,
    cachedInput: entry.cached_input,
    cacheWrite5m: entry.cache_write_5m,
    cacheWrite1h: entry.cache_write_1h,
    reasoning: entry.reasoning,
    imageInput: entry.image_input,
    audioInput: entry.audio_input,
    audioOutput: entry.audio_output,
    ...(entry.image_output !== undefined && { imageOutput: entry.image_output }),
  };
}

function toTiers(tiers: NonNullable<PriceEntry['tiers']>): NonNullable<PriceConfig['tiers']> {
  return tiers
    .map((tier) => ({ aboveInputTokens: tier.above_input_tokens, prices: toTokenPrices(tier) }))
    .sort((left, right) => left.aboveInputTokens - right.aboveInputTokens);
}
