/**
 * Writes the model catalogue from a price file in LiteLLM's format (USD per token):
 *   node scripts/update-catalog.ts PRICES.json [OUTPUT.json]
 * Entries that cannot be right are mended or lose the doubtful price, and every such case is printed. A model whose price
 * is lost stays in the catalogue unpriced: it is never free.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { CatalogEntry, TokenPrices } from '../src/providers/catalog/catalog-entry.js';
import './support/typescript-imports.mjs';

const { mendEntry, mendSnapshots } = await import('./support/mend-catalog.js');
const { ADDITIONS } = await import('./support/added-models.js');

type SourceEntry = Record<string, unknown>;

const VENDORS: Record<string, CatalogEntry['vendor']> = {
  openai: 'openai',
  'text-completion-openai': 'openai',
  anthropic: 'anthropic',
  gemini: 'gemini',
  'vertex_ai-language-models': 'gemini',
  'vertex_ai-embedding-models': 'gemini',
  deepseek: 'other',
  volcengine: 'other',
  zhipu: 'other',
  xai: 'other',
  moonshot: 'other',
  minimax: 'other',
};

// Names that no vendor's API serves, or entries that carry another model's facts.
const LEFT_OUT: ReadonlySet<string> = new Set([
  'gemini-3.1-pro-high',
  'gemini-3.1-pro-low',
  'gemini-exp-1206',
  'gemini-flash-experimental',
]);

// Spoken to over other protocols than the chat routes, whatever the file says.
const NOT_FOR_CHAT = /(?:^|-)(?:realtime|live|native-audio)(?:-|$)/;

// Nobody asks more for a token; a larger number is a price per million in the wrong field.
const DEAREST_TOKEN_USD = 0.002;

const CLASSES: Record<Exclude<keyof TokenPrices, 'input' | 'output'>, string> = {
  cachedInput: 'cache_read_input_token_cost',
  cacheWrite5m: 'cache_creation_input_token_cost',
  cacheWrite1h: 'cache_creation_input_token_cost_above_1hr',
  reasoning: 'output_cost_per_reasoning_token',
  imageInput: 'input_cost_per_image_token',
  audioInput: 'input_cost_per_audio_token',
  audioOutput: 'output_cost_per_audio_token',
  imageOutput: 'output_cost_per_image_token',
};

// Models billed by these units have a price that tokens cannot express.
const OTHER_UNITS = /^(?:input|output)_cost_per_(?:image|second|character|video_per_second|audio_per_second)$/;

const SERVICE_TIERS = ['flex', 'priority'];

const notes: string[] = [];

/** USD per million tokens from USD per token: the decimal point moves, so that no digit is lost or made up. */
function perMillion(usdPerToken: number): number {
  const [mantissa = '0', exponent = '0'] = usdPerToken.toExponential().split('e');
  return Number(`${mantissa}e${String(Number(exponent) + 6)}`);
}

/** A price in USD per million, or null when the file has none that can be right. */
function priceOf(model: string, entry: SourceEntry, field: string): number | null {
  const value = entry[field];
  if (value === undefined || value === null) return null;
  if (typeof value !== 'number' || !Number.isFinite(value) || value <= 0 || value > DEAREST_TOKEN_USD) {
    notes.push(`${model}: ${field} = ${JSON.stringify(value)} dropped`);
    return null;
  }
  return perMillion(value);
}

// Models that answer in images alone have no price of a token of text.
function outputFieldOf(entry: SourceEntry): string {
  const isOfImages = entry.mode === 'image_generation' && entry.output_cost_per_token === undefined;
  return isOfImages ? 'output_cost_per_image_token' : 'output_cost_per_token';
}

function pricesOf(model: string, entry: SourceEntry, suffix = ''): TokenPrices | null {
  const input = priceOf(model, entry, `input_cost_per_token${suffix}`);
  // An embedding has no output tokens: the zero in the file is right.
  const output = entry.mode === 'embedding' ? 0 : priceOf(model, entry, `${outputFieldOf(entry)}${suffix}`);
  if (input === null || output === null) return null;
  const prices: TokenPrices = { input, output };
  for (const [name, field] of Object.entries(CLASSES) as [keyof TokenPrices, string][]) {
    const price = priceOf(model, entry, `${field}${suffix}`);
    if (price !== null) prices[name] = price;
  }
  mendCachePrices(model, prices, VENDORS[String(entry.litellm_provider)]);
  return prices;
}

// Reading a cache is never dearer than reading the prompt. Anthropic sells an hour in the cache at twice the input; the
// file carries 6 USD for it on models of every price (claude-3-haiku: 24 times the input, claude-3-opus: less than half).
function mendCachePrices(model: string, prices: TokenPrices, vendor: CatalogEntry['vendor'] | undefined): void {
  // Google asks nothing for writing a cache, and for keeping one by the hour: what the file has is no price of a token.
  if (vendor === 'gemini' && prices.cacheWrite5m !== undefined) {
    notes.push(`${model}: cache write ${String(prices.cacheWrite5m)} dropped`);
    delete prices.cacheWrite5m;
  }
  if (prices.cachedInput !== undefined && prices.cachedInput > prices.input) {
    notes.push(
      `${model}: cached input ${String(prices.cachedInput)} is dearer than input ${String(prices.input)}, dropped`,
    );
    delete prices.cachedInput;
  }
  const hour = prices.cacheWrite1h;
  if (hour !== undefined && (hour < prices.input || hour > prices.input * 4)) {
    prices.cacheWrite1h = prices.input * 2;
    notes.push(`${model}: one hour in the cache ${String(hour)} mended to ${String(prices.cacheWrite1h)}`);
  }
}

function tiersOf(model: string, entry: SourceEntry): CatalogEntry['tiers'] {
  const sizes = Object.keys(entry).flatMap(
    (field) => /^input_cost_per_token_above_(\d+)k_tokens$/.exec(field)?.[1] ?? [],
  );
  return sizes
    .map(Number)
    .sort((left, right) => left - right)
    .flatMap((size) => {
      const prices = pricesOf(model, entry, `_above_${String(size)}k_tokens`);
      if (!prices) throw new Error(`${model}: the tier above ${String(size)}k tokens has no price.`);
      return [{ aboveInputTokens: size * 1000, prices }];
    });
}

// What the vendor's own batches take off, when it is the same of prompt and answer.
function batchDiscountOf(model: string, entry: SourceEntry, prices: TokenPrices): number | null {
  const input = priceOf(model, entry, 'input_cost_per_token_batches');
  const output = priceOf(model, entry, 'output_cost_per_token_batches');
  if (input === null || output === null) return null;
  const [ofInput, ofOutput] = [1 - input / prices.input, 1 - output / prices.output];
  const discount = Number(ofInput.toFixed(4));
  if (Math.abs(ofInput - ofOutput) < 1e-9 && discount >= 0 && discount <= 0.95) return discount;
  notes.push(`${model}: batch prices ${String(input)} and ${String(output)} dropped, they are not one discount`);
  return null;
}

// Only for models without context tiers: where both apply, the entry would be too cheap.
function serviceTiersOf(model: string, entry: SourceEntry): Record<string, TokenPrices> {
  if (tiersOf(model, entry).length > 0) return {};
  return Object.fromEntries(
    SERVICE_TIERS.flatMap((tier) => {
      const prices = pricesOf(model, entry, `_${tier}`);
      return prices ? [[tier, prices]] : [];
    }),
  );
}

function extrasOf(
  model: string,
  entry: SourceEntry,
  prices: TokenPrices | null,
): Pick<CatalogEntry, 'batchDiscount' | 'serviceTiers'> {
  if (!prices || entry.mode === 'embedding') return {};
  const batchDiscount = batchDiscountOf(model, entry, prices);
  const serviceTiers = serviceTiersOf(model, entry);
  return {
    ...(batchDiscount !== null && { batchDiscount }),
    ...(Object.keys(serviceTiers).length > 0 && { serviceTiers }),
  };
}

const KINDS: Readonly<Record<string, CatalogEntry['kind']>> = {
  embedding: 'embedding',
  completion: 'completion',
  image_generation: 'image',
  audio_speech: 'speech',
  audio_transcription: 'transcription',
};

// `other` is what is spoken to over sockets.
function kindOf(model: string, entry: SourceEntry): CatalogEntry['kind'] {
  if (/-tts(?:-|$)/.test(model)) return 'speech';
  if (NOT_FOR_CHAT.test(model)) return 'other';
  const known = KINDS[String(entry.mode)];
  if (known) return known;
  // The file has the first of these as chat models, which they never were.
  if (/-deep-research(?:-|$)/.test(model)) return 'responses';
  const endpoints = entry.supported_endpoints;
  const speaksChat = !Array.isArray(endpoints) || endpoints.includes('/v1/chat/completions');
  const isChat = entry.mode === 'chat' || (entry.mode === 'responses' && Array.isArray(endpoints));
  if (isChat && speaksChat) return 'chat';
  return entry.mode === 'responses' ? 'responses' : 'other';
}

function limitOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isInteger(value) && value > 0 ? value : null;
}

function capabilitiesOf(
  kind: CatalogEntry['kind'],
  entry: SourceEntry,
  prices: TokenPrices | null,
): CatalogEntry['capabilities'] {
  const isChat = kind === 'chat' || kind === 'responses';
  const has = (field: string): boolean => isChat && entry[field] === true;
  return {
    streaming: (isChat || kind === 'completion') && entry.supports_native_streaming !== false,
    tools: has('supports_function_calling'),
    vision: has('supports_vision'),
    jsonSchema: has('supports_response_schema'),
    reasoning: has('supports_reasoning'),
    // The file gives this to models from before caches, too; who caches sells what comes from there for less.
    promptCaching: has('supports_prompt_caching') && (prices === null || prices.cachedInput !== undefined),
    assistantPrefill: has('supports_assistant_prefill'),
  };
}

function toCatalogEntry(model: string, entry: SourceEntry): CatalogEntry | null {
  const vendor = VENDORS[String(entry.litellm_provider)];
  if (!vendor) {
    notes.push(`${model}: left out, vendor ${String(entry.litellm_provider)}`);
    return null;
  }
  if (LEFT_OUT.has(model)) {
    notes.push(`${model}: left out, no model of the API`);
    return null;
  }
  const kind = kindOf(model, entry);
  const hasOtherUnits =
    kind !== 'chat' && kind !== 'embedding' && Object.keys(entry).some((field) => OTHER_UNITS.test(field));
  const prices = hasOtherUnits ? null : pricesOf(model, entry);
  return mendEntry(
    {
      vendor,
      model,
      kind,
      contextWindow: limitOf(entry.max_input_tokens),
      maxOutputTokens: kind === 'embedding' ? null : limitOf(entry.max_output_tokens),
      dimensions: limitOf(entry.output_vector_size),
      prices,
      tiers: prices ? tiersOf(model, entry) : [],
      ...extrasOf(model, entry, prices),
      capabilities: capabilitiesOf(kind, entry, prices),
    },
    notes,
  );
}

function main(): void {
  const [source, output = fileURLToPath(new URL('../src/providers/catalog/models.json', import.meta.url))] =
    process.argv.slice(2);
  if (source === undefined) throw new Error('Usage: node scripts/update-catalog.ts PRICES.json [OUTPUT.json]');
  const file = JSON.parse(readFileSync(source, 'utf8')) as Record<string, SourceEntry>;
  const known = Object.entries(file).flatMap(([model, entry]) => toCatalogEntry(model, entry) ?? []);
  const added = new Set(ADDITIONS.map(({ vendor, model }) => `${vendor}/${model}`));
  const entries = mendSnapshots(known, notes)
    .filter(({ vendor, model }) => !added.has(`${vendor}/${model}`))
    .concat(ADDITIONS)
    .sort((left, right) => (`${left.vendor}/${left.model}` < `${right.vendor}/${right.model}` ? -1 : 1));
  const lines = entries.map((entry) => `    ${JSON.stringify(entry)}`).join(',\n');
  writeFileSync(
    output,
    `{\n  "source": "Prices, limits and abilities as collected by the LiteLLM project (MIT), USD per million tokens",\n  "models": [\n${lines}\n  ]\n}\n`,
  );
  process.stdout.write(`${notes.map((note) => `note: ${note}\n`).join('')}${String(entries.length)} models\n`);
}

main();
