import type { FileProblem } from './validate-models-file.js';
import { checkBaseUrl } from './check-base-url.js';
import { checkRouting } from './check-routing.js';
import { embeddingModelsOf } from './embedding-targets.js';
import type { ModelEntry, ModelsFile, ProviderEntry } from './models-file.js';
import { checkTools } from './check-tools.js';
import { STANDARD_ALIASES } from './standard-models.js';
import { parseTarget, targetText } from './to-models.js';

/** What `answers.follow_up_model` may say besides a model: the one that answers, or none. */
const WORDS_FOR_FOLLOW_UPS: readonly string[] = ['answering', 'none'];

/** What the file says wrongly although its form is right; `providers` are all provider names that may be targets. */
export function checkModelsFile(file: ModelsFile, providers: readonly string[]): FileProblem[] {
  const models = Object.entries(file.models ?? {});
  return [
    ...Object.entries(file.providers ?? {}).flatMap(([name, entry]) => checkProvider(name, entry)),
    ...providers.filter(isStandardAlias).map(shadowedAlias),
    ...models.flatMap(([name, entry]) => [
      ...checkModel(name, entry, providers),
      ...checkRouting(name, entry, embeddingModelsOf(entry, file.providers, file.defaults?.embeddings === name)),
    ]),
    ...Object.keys(file.prices ?? {}).flatMap((name) => checkTarget(['prices', name], name, providers)),
    ...checkDefaults(file, providers),
    ...checkTools(file),
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
  const message = checkBaseUrl(entry.type, entry.base_url ?? '');
  return message === null ? [] : [{ path: ['providers', name, 'base_url'], message }];
}

function checkModel(name: string, entry: ModelEntry, providers: readonly string[]): FileProblem[] {
  const problems = entry.targets.flatMap((target, index) =>
    checkTarget(['models', name, 'targets', index], targetText(target), providers),
  );
  if (providers.includes(name)) {
    problems.push({ path: ['models', name], message: 'has the name of a provider; choose another name for the alias' });
  }
  const fallbacks = (entry.context_fallback ?? []).flatMap((target, index) =>
    checkTarget(['models', name, 'context_fallback', index], target, providers),
  );
  return [...problems, ...fallbacks];
}

function checkTarget(path: FileProblem['path'], text: string, providers: readonly string[]): FileProblem[] {
  const target = parseTarget(text);
  if (target === null) return [{ path, message: 'must be provider/model' }];
  if (providers.includes(target.provider)) return [];
  return [{ path, message: `names the unknown provider "${target.provider}"; known: ${providers.join(', ')}` }];
}

function checkDefaults(file: ModelsFile, providers: readonly string[]): FileProblem[] {
  const aliases = [...Object.keys(file.models ?? {}), ...STANDARD_ALIASES];
  const named = Object.entries(file.defaults ?? {}).map(([kind, model]) => ({ path: ['defaults', kind], model }));
  const followUps = file.answers?.follow_up_model;
  if (followUps !== undefined && !WORDS_FOR_FOLLOW_UPS.includes(followUps)) {
    named.push({ path: ['answers', 'follow_up_model'], model: followUps });
  }
  const cacheModel = file.caches?.semantic?.embedding_model;
  if (cacheModel !== undefined) named.push({ path: ['caches', 'semantic', 'embedding_model'], model: cacheModel });
  const summarizer = file.conversations?.summary?.model;
  if (summarizer !== undefined) named.push({ path: ['conversations', 'summary', 'model'], model: summarizer });
  return named.flatMap(({ path, model }) => {
    if (aliases.includes(model)) return [];
    if (model.includes('/')) return checkTarget(path, model, providers);
    return [
      {
        path,
        message: `"${model}" is neither an alias nor provider/model; aliases: ${[...new Set(aliases)].join(', ')}`,
      },
    ];
  });
}
