import type { FileProblem } from './validate-models-file.js';
import type { ModelEntry, ModelsFile, ProviderEntry } from './models-file.js';
import { STANDARD_ALIASES } from './standard-models.js';
import { parseTarget, targetText } from './to-models.js';

const EMBEDDING_NAME = /embed|^lexical-384$/i;

/** What the file says wrongly although its form is right; `providers` are all provider names that may be targets. */
export function checkModelsFile(file: ModelsFile, providers: readonly string[]): FileProblem[] {
  const models = Object.entries(file.models ?? {});
  return [
    ...Object.entries(file.providers ?? {}).flatMap(([name, entry]) => checkProvider(name, entry)),
    ...providers.filter(isStandardAlias).map(shadowedAlias),
    ...models.flatMap(([name, entry]) => checkModel(name, entry, providers, file.defaults?.embeddings === name)),
    ...Object.keys(file.prices ?? {}).flatMap((name) => checkTarget(['prices', name], name, providers)),
    ...checkDefaults(file, providers),
  ];
}

function isStandardAlias(name: string): boolean {
  const aliases: readonly string[] = STANDARD_ALIASES;
  return aliases.includes(name);
}

function shadowedAlias(name: string): FileProblem {
  return { path: ['providers', name], message: 'is the name of an alias that always exists; choose another name' };
}

function checkProvider(name: string, entry: ProviderEntry): FileProblem[] {
  if (name === 'local' && entry.type !== 'local') {
    return [{ path: ['providers', name], message: 'is the name of the built-in provider; choose another name' }];
  }
  if (entry.type === 'anthropic' && /\/v1\/*$/.test(entry.base_url ?? '')) {
    return [{ path: ['providers', name, 'base_url'], message: 'must not end in /v1 for a provider of type anthropic' }];
  }
  return [];
}

function checkModel(name: string, entry: ModelEntry, providers: readonly string[], isDefault: boolean): FileProblem[] {
  const problems = entry.targets.flatMap((target, index) =>
    checkTarget(['models', name, 'targets', index], targetText(target), providers),
  );
  if (providers.includes(name)) {
    problems.push({ path: ['models', name], message: 'has the name of a provider; choose another name for the alias' });
  }
  return [...problems, ...checkEquivalence(name, entry, isDefault)];
}

function checkTarget(path: FileProblem['path'], text: string, providers: readonly string[]): FileProblem[] {
  const target = parseTarget(text);
  if (target === null) return [{ path, message: 'must be provider/model' }];
  if (providers.includes(target.provider)) return [];
  return [{ path, message: `names the unknown provider "${target.provider}"; known: ${providers.join(', ')}` }];
}

/** A fallback between embedding models would mix two vector spaces, so all targets must be one model. */
function checkEquivalence(name: string, entry: ModelEntry, isDefault: boolean): FileProblem[] {
  const models = entry.targets.map((target) => ownName(targetText(target)));
  const isEmbedding =
    entry.kind === undefined
      ? isDefault || models.some((model) => EMBEDDING_NAME.test(model))
      : entry.kind === 'embeddings';
  const distinct = [...new Set(models)];
  if (!isEmbedding || distinct.length < 2) return [];
  const message = `mixes the embedding models ${distinct.join(', ')}; all targets must be the same model, for their vectors to agree`;
  return [{ path: ['models', name, 'targets'], message }];
}

/** The model's name without its provider and without the vendor prefix that aggregators put before it. */
function ownName(target: string): string {
  return target.slice(target.lastIndexOf('/') + 1).toLowerCase();
}

function checkDefaults(file: ModelsFile, providers: readonly string[]): FileProblem[] {
  const aliases = [...Object.keys(file.models ?? {}), ...STANDARD_ALIASES];
  return Object.entries(file.defaults ?? {}).flatMap(([kind, model]) => {
    if (aliases.includes(model)) return [];
    const path = ['defaults', kind];
    if (model.includes('/')) return checkTarget(path, model, providers);
    return [
      {
        path,
        message: `"${model}" is neither an alias nor provider/model; aliases: ${[...new Set(aliases)].join(', ')}`,
      },
    ];
  });
}
