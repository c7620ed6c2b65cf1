import type { Surface } from '../core/call-context.js';

const SURFACES: readonly (readonly [RegExp, Surface])[] = [
  [/^\/v1\/messages(?:\/|$)/, 'anthropic'],
  [
    /^\/v1\/(?:chat\/completions|completions|embeddings|models|responses|moderations|images|audio|files|batches)(?:\/|$)/,
    'openai',
  ],
  [/^\/v1\/(?:collections|documents|index|search|query|stream|rerank)(?:\/|$)/, 'rag'],
  [/^\/v1(?:\/|$)/, 'native'],
  [/^\/admin(?:\/|$)/, 'admin'],
];

const MODELS = /^\/v1\/models(?:\/|$)/;

/**
 * Where a path belongs. Paths that no surface claims are the operator's. Both vendors' clients list models at one path:
 * Anthropic's say the version of their API (`isVersioned`).
 */
export function surfaceOf(path: string, isVersioned = false): Surface {
  // Express matches paths without regard to case, and so does this.
  const lower = path.toLowerCase();
  if (isVersioned && MODELS.test(lower)) return 'anthropic';
  for (const [pattern, surface] of SURFACES) {
    if (pattern.test(lower)) return surface;
  }
  return 'operations';
}
