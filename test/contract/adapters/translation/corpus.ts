import { readFileSync } from 'node:fs';
import { parseExactJson } from '../../../../src/core/exact-json.js';
import { isJsonObject, type JsonObject } from '../../../../src/core/json.js';
import type { ClientDialect } from './client-dialects.js';

/** One thing that a request can ask for, as a whole body with nothing else in it. */
export interface CorpusCase {
  readonly feature: string;
  readonly body: JsonObject;
  /** The same request without it. */
  readonly without: JsonObject;
}

const ROOT = new URL('../../../fixtures/translation/', import.meta.url);

/**
 * The requests of a dialect, with numbers that keep their text. The file has a request that asks for nothing special, and for each
 * thing the fields that ask for it.
 */
export function readCorpus({ name }: ClientDialect): CorpusCase[] {
  const file = parseExactJson(readFileSync(new URL(`requests/${name}.json`, ROOT), 'utf8')) as unknown as {
    base: JsonObject;
    features: Record<string, JsonObject>;
  };
  return Object.entries(file.features).map(([feature, { '@without': without, ...fields }]) => ({
    feature,
    body: withoutNulls({ ...file.base, ...fields }),
    without: isJsonObject(without) ? withoutNulls({ ...file.base, ...without }) : file.base,
  }));
}

/** Where the bodies are kept that a provider gets for a dialect's requests. */
export function goldenFile(dialect: string, target: string): URL {
  return new URL(`bodies/${dialect}.${target}.json`, ROOT);
}

function withoutNulls(body: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null));
}
