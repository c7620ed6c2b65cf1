import type { FileProblem } from './validate-models-file.js';
import type { ModelEntry } from './models-file.js';
import { targetText } from './to-models.js';

type Problems = readonly Pick<FileProblem, 'path' | 'message'>[];

/**
 * What an alias says about the order of its targets that does not fit together; `embeddingModels` are the models behind
 * the targets of an alias for embeddings, and null for every other.
 */
export function checkRouting(
  name: string,
  entry: ModelEntry,
  embeddingModels: readonly string[] | null,
): FileProblem[] {
  const place = ['models', name];
  const problems: Problems = [
    ...checkMeans(entry),
    ...checkFallbacks(entry),
    ...checkHedge(entry),
    ...(embeddingModels ? checkEmbedding(entry, embeddingModels) : []),
  ];
  return problems.map(({ path, message }) => ({ path: [...place, ...path], message }));
}

/** A share or a tier that nothing looks at would be a wish that is not heard. */
function checkMeans({ targets, routing = 'priority' }: ModelEntry): Problems {
  return targets.flatMap((target, index) => {
    if (typeof target === 'string') return [];
    const problems = [];
    if (target.weight !== undefined && routing !== 'weighted') problems.push(unheard(index, 'weight', 'weighted'));
    if (target.tier !== undefined && routing !== 'auto') problems.push(unheard(index, 'tier', 'auto'));
    return problems;
  });
}

function unheard(index: number, key: string, routing: string): FileProblem {
  return { path: ['targets', index, key], message: `has a meaning only with routing: ${routing}` };
}

function checkFallbacks({ targets, context_fallback: fallbacks = [] }: ModelEntry): Problems {
  const names = targets.map(targetText);
  return fallbacks.flatMap((fallback, index) =>
    names.includes(fallback)
      ? [
          {
            path: ['context_fallback', index],
            message: 'is a target of this model already; name one with a larger window',
          },
        ]
      : [],
  );
}

/** A second request goes to another target, so there must be one. */
function checkHedge({ targets, hedge }: ModelEntry): Problems {
  if (hedge === undefined || new Set(targets.map(targetText)).size > 1) return [];
  return [{ path: ['hedge'], message: 'needs a second target to send requests to; add one, or leave it out' }];
}

/** A fallback between embedding models would mix two vector spaces, so all targets must be one model. */
function checkEmbedding(entry: ModelEntry, models: readonly string[]): Problems {
  const problems = [];
  const distinct = [...new Set(models)];
  if (distinct.length > 1) {
    const message = `mixes the embedding models ${distinct.join(', ')}; all targets must be the same model, for their vectors to agree`;
    problems.push({ path: ['targets'], message });
  }
  if (entry.routing === 'auto') {
    problems.push({ path: ['routing'], message: 'must not be auto for embeddings: auto chooses between chat models' });
  }
  if (entry.context_fallback !== undefined) {
    const message = 'is for chat models only; another embedding model would give vectors that do not agree';
    problems.push({ path: ['context_fallback'], message });
  }
  if (entry.caches?.semantic !== undefined) {
    problems.push({ path: ['caches', 'semantic'], message: 'is for chat models only' });
  }
  for (const key of ['hedge', 'single_flight', 'on_stream_failure'] as const) {
    if (entry[key] !== undefined) problems.push({ path: [key], message: 'is for chat models only' });
  }
  return problems;
}
