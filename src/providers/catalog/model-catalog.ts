import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { ProviderType } from '../../config/gateway-config.js';
import type { CatalogEntry } from './catalog-entry.js';
import { readBuiltInCatalog } from './read-catalog.js';

const VENDORS: Record<ProviderType, CatalogEntry['vendor']> = {
  openai: 'openai',
  anthropic: 'anthropic',
  'openai-compatible': 'other',
  'azure-openai': 'openai',
  gemini: 'gemini',
  vertex: 'gemini',
  cohere: 'cohere',
  jina: 'jina',
  voyage: 'voyage',
  local: 'local',
};

/** Clients may ask for any name. */
const MOST_FOUND = 2_000;
const DATE_SUFFIX = /-(?:\d{4}-\d{2}-\d{2}|20\d{6})$/;

/** A model's name without `-latest` or the date of a snapshot behind it. */
export function baseModelName(model: string): string {
  return model.endsWith('-latest') ? model.slice(0, -'-latest'.length) : model.replace(DATE_SUFFIX, '');
}

type ByVendor = ReadonlyMap<CatalogEntry['vendor'], ReadonlyMap<string, CatalogEntry>>;

/** What is known about the vendors' models: prices, limits, abilities. Holds the built-in catalogue until it gets another. */
@Injectable()
export class ModelCatalog {
  #byVendor: ByVendor = toMaps(readBuiltInCatalog());
  /** Every request asks for the same few names, and one that is not here is compared with all that are. */
  readonly #found = new LRUCache<string, { entry: CatalogEntry | null }>({ max: MOST_FOUND });

  /** Puts another catalogue in its place, at once and whole. What runs here is always known as it was built in. */
  replace(entries: readonly CatalogEntry[]): void {
    const local = [...(this.#byVendor.get('local')?.values() ?? [])];
    this.#found.clear();
    this.#byVendor = toMaps([...entries.filter(({ vendor }) => vendor !== 'local'), ...local]);
  }

  /** Every entry there is. */
  entries(): CatalogEntry[] {
    return [...this.#byVendor.values()].flatMap((models) => [...models.values()]);
  }

  /**
   * The entry of a model: the exact name first; else a name with a date or `-latest` stands for its base name, and a
   * base name that is only known by its dated snapshots for the newest of them. Null when nothing fits.
   */
  find(providerType: ProviderType, model: string): CatalogEntry | null {
    const key = `${VENDORS[providerType]}/${model}`;
    let found = this.#found.get(key);
    if (!found) {
      found = { entry: this.#lookUp(VENDORS[providerType], model) };
      this.#found.set(key, found);
    }
    return found.entry;
  }

  #lookUp(vendor: CatalogEntry['vendor'], model: string): CatalogEntry | null {
    const models = this.#byVendor.get(vendor);
    if (!models) return null;
    const base = baseModelName(model);
    return models.get(model) ?? models.get(base) ?? newestSnapshot(models, base);
  }

  /** All models that a provider of this type is known to serve; what is deployed at Azure only its user knows. */
  list(providerType: ProviderType): CatalogEntry[] {
    if (providerType === 'azure-openai') return [];
    return [...(this.#byVendor.get(VENDORS[providerType])?.values() ?? [])];
  }
}

function newestSnapshot(models: ReadonlyMap<string, CatalogEntry>, base: string): CatalogEntry | null {
  let newest: CatalogEntry | null = null;
  for (const entry of models.values()) {
    if (entry.model === base || !DATE_SUFFIX.test(entry.model) || baseModelName(entry.model) !== base) continue;
    if (!newest || entry.model > newest.model) newest = entry;
  }
  return newest;
}

function toMaps(entries: readonly CatalogEntry[]): ByVendor {
  const byVendor = new Map<CatalogEntry['vendor'], Map<string, CatalogEntry>>();
  for (const entry of entries) {
    const models = byVendor.get(entry.vendor) ?? new Map<string, CatalogEntry>();
    byVendor.set(entry.vendor, models.set(entry.model, entry));
  }
  return byVendor;
}
