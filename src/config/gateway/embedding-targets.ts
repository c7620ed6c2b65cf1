import type { ModelEntry, ModelsFile } from './models-file.js';
import { parseTarget, targetText } from './to-models.js';

/** Names that embedding models have, and chat models do not. */
const EMBEDDING_NAME = /embed|^lexical-384$|(?:^|[-_])(?:bge|e5|gte|minilm|mpnet|voyage)(?=[-_.:]|$)/i;
// Rerankers are often named after the embedding model that they go with.
const RERANKER_NAME = /rerank/i;

/**
 * The models behind an alias for embeddings, in lower case and without the names of providers and of vendors before them:
 * of an Azure deployment, the model that it is said to serve. Null for an alias that is for chat.
 */
export function embeddingModelsOf(
  entry: ModelEntry,
  providers: ModelsFile['providers'],
  isDefault: boolean,
): string[] | null {
  const models = entry.targets.map((target) => modelBehind(targetText(target), providers));
  const isEmbedding =
    entry.kind === undefined
      ? isDefault || models.some((model) => EMBEDDING_NAME.test(model) && !RERANKER_NAME.test(model))
      : entry.kind === 'embeddings';
  return isEmbedding ? models : null;
}

// Aggregators put a vendor before the name. A tag behind it (a version, a quantisation) is part of it: vectors differ.
function modelBehind(text: string, providers: ModelsFile['providers']): string {
  const target = parseTarget(text);
  const deployments = (target && providers?.[target.provider]?.deployments) ?? {};
  const name = target && Object.hasOwn(deployments, target.model) ? (deployments[target.model] ?? text) : text;
  return name.slice(name.lastIndexOf('/') + 1).toLowerCase();
}
