import { countTokens } from '../tokens/count-tokens.js';

/** What a cut leaves less of in each further try, where the first guess was too long. */
const SHRINK = 0.9;

/**
 * A result as it may be told to a model: without what no text may hold, and cut to so many tokens, with a notice in the place
 * of the rest.
 */
export function cutResult(text: string, maxTokens: number): string {
  const clean = text.replaceAll('\0', '').toWellFormed();
  // No token is shorter than a byte.
  if (Buffer.byteLength(clean) <= maxTokens) return clean;
  const tokens = countTokens(clean);
  if (tokens <= maxTokens) return clean;
  const notice = `\n[The result was cut here: it has about ${String(tokens)} tokens, and ${String(maxTokens)} are passed on.]`;
  let length = Math.floor((clean.length * maxTokens) / tokens);
  while (length > 0 && countTokens(clean.slice(0, length)) > maxTokens) length = Math.floor(length * SHRINK);
  return clean.slice(0, length).toWellFormed() + notice;
}
