/** Tells whether a model is the offline embedder, which sees words and not meaning. */
export function isLexicalEmbedder(model: string): boolean {
  return model.endsWith('lexical-384');
}

/** What the dense leg counts, measured on a training set: the offline embedder sees words again, a real one meaning. */
export function denseWeightOf(model: string): number {
  return isLexicalEmbedder(model) ? 0.22 : 0.5;
}
