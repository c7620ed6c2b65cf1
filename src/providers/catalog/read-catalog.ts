import { readFileSync } from 'node:fs';
import { type ErrorObject, Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import type { CatalogEntry, TokenPrices } from './catalog-entry.js';

interface CatalogText {
  models: CatalogEntry[];
}

/** A catalogue, or everything that is wrong with it. */
export type ReadCatalog = { readonly entries: CatalogEntry[]; readonly problems: readonly [] } | Refused;

interface Refused {
  readonly entries: null;
  /** What is wrong, each with its place; at least one. */
  readonly problems: readonly string[];
}

/** A file this long is no catalogue. */
export const MOST_CATALOG_BYTES = 64 * 1024 ** 2;
const MOST_PROBLEMS = 100;
const SCHEMA_URL = new URL('./catalog.schema.json', import.meta.url);

let validate: ValidateFunction<CatalogText> | undefined;

/** The catalogue that comes with the product. */
export function readBuiltInCatalog(): CatalogEntry[] {
  return (JSON.parse(readFileSync(new URL('./models.json', import.meta.url), 'utf8')) as CatalogText).models;
}

/**
 * Reads and checks the text of a catalogue in the form of `models.json`. It is taken whole or not at all: prices that cannot
 * be right would be billed.
 */
export function readCatalog(text: string): ReadCatalog {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    return refused(['it is not JSON, or only a part of it']);
  }
  validate ??= new Ajv2020({ allErrors: true, strictTypes: false }).compile<CatalogText>(
    JSON.parse(readFileSync(SCHEMA_URL, 'utf8')) as object,
  );
  if (!validate(content)) return refused(describeErrors(validate.errors ?? [], content));
  const problems = [...findDuplicates(content.models), ...content.models.flatMap(checkEntry)];
  return problems.length > 0 ? refused(problems) : { entries: content.models, problems: [] };
}

function refused(problems: readonly string[]): Refused {
  if (problems.length <= MOST_PROBLEMS) return { entries: null, problems };
  const rest = problems.length - MOST_PROBLEMS;
  return { entries: null, problems: [...problems.slice(0, MOST_PROBLEMS), `and ${String(rest)} problems more`] };
}

function describeErrors(errors: readonly ErrorObject[], content: unknown): string[] {
  return [...new Set(errors.map((error) => describeError(error, content)))];
}

function describeError({ instancePath, message, params }: ErrorObject, content: unknown): string {
  const { additionalProperty, allowedValues } = params as { additionalProperty?: string; allowedValues?: unknown[] };
  const place = placeOf(instancePath, content);
  if (additionalProperty !== undefined) return `${place}: "${additionalProperty}" is not known`;
  const values = allowedValues ? `: ${allowedValues.join(', ')}` : '';
  return `${place}: ${message ?? 'is not valid'}${values}`;
}

// People look for a model by its name and not by its number.
function placeOf(pointer: string, content: unknown): string {
  const [, list, index, ...rest] = pointer.split('/');
  if (list !== 'models' || index === undefined) return pointer === '' ? 'the file' : pointer.slice(1);
  const entry = (content as { models?: unknown[] }).models?.[Number(index)];
  const name = (entry as { model?: unknown } | null | undefined)?.model;
  return [typeof name === 'string' ? `models[${index}] (${name.slice(0, 80)})` : `models[${index}]`, ...rest].join('.');
}

function findDuplicates(models: readonly CatalogEntry[]): string[] {
  const seen = new Set<string>();
  return models.flatMap(({ vendor, model }) => {
    const name = `${vendor}/${model}`;
    if (seen.has(name)) return [`${name}: stands there twice`];
    seen.add(name);
    return [];
  });
}

function checkEntry(entry: CatalogEntry): string[] {
  const { vendor, model, kind, prices, tiers } = entry;
  const name = `${vendor}/${model}`;
  // Judging texts is free at OpenAI.
  const isFree = prices?.input === 0 && kind !== 'moderation' && (prices.output === 0 || kind === 'embedding');
  const sizes = tiers.map(({ aboveInputTokens }) => aboveInputTokens);
  const tables = [prices, ...tiers.map((tier) => tier.prices), ...Object.values(entry.serviceTiers ?? {})];
  return [
    ...(isFree && vendor !== 'local' ? [`${name}: is free; a price that is not known is null`] : []),
    ...(prices === null && tiers.length > 0 ? [`${name}: has tiers without having a price`] : []),
    ...(sizes.some((size, index) => size <= (sizes[index - 1] ?? 0)) ? [`${name}: tiers must ascend`] : []),
    ...(tables.some(readsDearly) ? [`${name}: cachedInput is dearer than input`] : []),
  ];
}

function readsDearly(prices: TokenPrices | null): boolean {
  return prices?.cachedInput !== undefined && prices.cachedInput > prices.input;
}
