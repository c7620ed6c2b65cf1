/** What a key may be used for; `admin` holds all the others. */
export const SCOPES = ['chat', 'embeddings', 'rag', 'batches', 'usage', 'admin'] as const;
export type Scope = (typeof SCOPES)[number];

/** The scopes of a key that was made without naming any. */
export const DEFAULT_SCOPES: readonly Scope[] = ['chat', 'embeddings', 'rag', 'batches', 'usage'];

/** Who is calling: one key of one project. */
export interface Principal {
  readonly keyId: string;
  readonly projectId: string;
  readonly scopes: readonly Scope[];
}

/** Tells whether the principal holds the scope, by itself or through `admin`. */
export function hasScope(principal: Principal, scope: Scope): boolean {
  return principal.scopes.includes(scope) || principal.scopes.includes('admin');
}
