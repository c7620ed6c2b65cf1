import type { PriceConfig } from '../config/gateway-config.js';
import type { CatalogEntry, CatalogKind, TokenPrices } from '../providers/catalog/catalog-entry.js';
import type { CatalogStatus } from '../providers/catalog/catalog-file.service.js';

/** USD per million tokens; what is null costs what `input` or `output` does. */
export class CatalogPricesDto {
  input!: number;
  output!: number;
  cached_input!: number | null;
  cache_write_5m!: number | null;
  cache_write_1h!: number | null;
  reasoning!: number | null;
  image_input!: number | null;
  audio_input!: number | null;
  audio_output!: number | null;
  image_output!: number | null;
}

/** Prices of a whole request once its input is longer. */
export class CatalogTierDto {
  above_input_tokens!: number;
  prices!: CatalogPricesDto;
}

/** USD for one unit of what is not billed by tokens; null where nothing is known. */
export class CatalogUnitsDto {
  image!: number | null;
  audio_input_second!: number | null;
  audio_output_second!: number | null;
  character!: number | null;
  search!: number | null;
  /** Of images by `SIZE` or `QUALITY SIZE`. */
  images!: Record<string, number>;
}

/** What a model can do. */
export class CatalogCapabilitiesDto {
  streaming!: boolean;
  tools!: boolean;
  vision!: boolean;
  json_schema!: boolean;
  reasoning!: boolean;
  prompt_caching!: boolean;
  assistant_prefill!: boolean;
}

/** One model of the catalogue. */
export class CatalogModelDto {
  vendor!: string;
  model!: string;
  /**
   * What it is for. `responses`: it chats by OpenAI's Responses alone; `completion`: it goes on with a text; `other`: what no
   * route here serves.
   */
  kind!: CatalogKind;
  context_window!: number | null;
  max_output_tokens!: number | null;
  dimensions!: number | null;
  /** Null when nobody knows: it is not free. */
  prices!: CatalogPricesDto | null;
  tiers!: CatalogTierDto[];
  units!: CatalogUnitsDto;
  /** The part of the price that the vendor's own batches save; null for the vendor's usual one. */
  batch_discount!: number | null;
  capabilities!: CatalogCapabilitiesDto;
}

/** A price that the configuration sets in place of the catalogue's. */
export class PriceOverrideDto {
  /** As `provider/model`. */
  target!: string;
  prices!: CatalogPricesDto;
  tiers!: CatalogTierDto[];
  units!: CatalogUnitsDto;
  batch_discount!: number;
}

/** Prices and abilities of models. */
export class CatalogDto {
  /** Always `catalog`. */
  object!: 'catalog';
  /** `last-good` is the kept copy of a file that is no longer right. */
  source!: 'built-in' | 'file' | 'last-good';
  /** When it was taken (RFC 3339); null for the built-in one. */
  loaded_at!: string | null;
  /** Why the file as it is now is not in use; empty when nothing is wrong. */
  problems!: string[];
  data!: CatalogModelDto[];
  overrides!: PriceOverrideDto[];
}

/** The catalogue in the form of the API. */
export function toCatalogDto(
  { source, loadedAt, problems }: CatalogStatus,
  entries: readonly CatalogEntry[],
  overrides: Readonly<Record<string, PriceConfig>>,
): CatalogDto {
  return {
    object: 'catalog',
    source,
    loaded_at: loadedAt?.toISOString() ?? null,
    problems: [...problems],
    data: entries.map(toModelDto),
    overrides: Object.entries(overrides).map(([target, price]) => ({
      target,
      prices: toPricesDto(price),
      tiers: toTierDtos(price.tiers ?? []),
      units: toUnitsDto(price.units),
      batch_discount: price.batchDiscount ?? 0,
    })),
  };
}

function toModelDto(entry: CatalogEntry): CatalogModelDto {
  const { capabilities } = entry;
  return {
    vendor: entry.vendor,
    model: entry.model,
    kind: entry.kind,
    context_window: entry.contextWindow,
    max_output_tokens: entry.maxOutputTokens,
    dimensions: entry.dimensions,
    prices: entry.prices && toPricesDto(entry.prices),
    tiers: toTierDtos(entry.tiers),
    units: toUnitsDto(entry.units),
    batch_discount: entry.batchDiscount ?? null,
    capabilities: {
      streaming: capabilities.streaming,
      tools: capabilities.tools,
      vision: capabilities.vision,
      json_schema: capabilities.jsonSchema,
      reasoning: capabilities.reasoning,
      prompt_caching: capabilities.promptCaching,
      assistant_prefill: capabilities.assistantPrefill,
    },
  };
}

function toTierDtos(tiers: readonly { aboveInputTokens: number; prices: TokenPrices }[]): CatalogTierDto[] {
  return tiers.map(({ aboveInputTokens, prices }) => ({
    above_input_tokens: aboveInputTokens,
    prices: toPricesDto(prices),
  }));
}

function toPricesDto(prices: TokenPrices): CatalogPricesDto {
  return {
    input: prices.input,
    output: prices.output,
    cached_input: prices.cachedInput ?? null,
    cache_write_5m: prices.cacheWrite5m ?? null,
    cache_write_1h: prices.cacheWrite1h ?? null,
    reasoning: prices.reasoning ?? null,
    image_input: prices.imageInput ?? null,
    audio_input: prices.audioInput ?? null,
    audio_output: prices.audioOutput ?? null,
    image_output: prices.imageOutput ?? null,
  };
}

function toUnitsDto(units: CatalogEntry['units'] = {}): CatalogUnitsDto {
  return {
    image: units.image ?? null,
    audio_input_second: units.audioInputSecond ?? null,
    audio_output_second: units.audioOutputSecond ?? null,
    character: units.character ?? null,
    search: units.search ?? null,
    images: units.images ?? {},
  };
}
