/** What a key may be used for; `admin` holds all the others. */
export const SCOPES = ['chat', 'embeddings', 'rag', 'batches', 'usage', 'admin'] as const;
export type Scope = (typeof SCOPES)[number];

/** The scopes of a key that was made without naming any. */
export const DEFAULT_SCOPES: readonly Scope[] = ['chat', 'embeddings', 'rag', 'batches', 'usage'];

/** What may be asked for by all replicas together, in one clock minute or at once; null where it is not limited. */
export interface RequestLimits {
  readonly requestsPerMinute: number | null;
  readonly tokensPerMinute: number | null;
  /** Requests under way at once. */
  readonly concurrency: number | null;
}

/** The windows a budget may have; each begins at midnight of its time zone, a week on Monday. */
export const BUDGET_WINDOWS = ['day', 'week', 'month', 'total'] as const;
export type BudgetWindow = (typeof BUDGET_WINDOWS)[number];

/** How much may be spent in a window. */
export interface BudgetTerms {
  readonly id: string;
  /** Whose money it is. */
  readonly owner: 'key' | 'project';
  readonly window: BudgetWindow;
  /** USD as a decimal string with ten places. */
  readonly amountUsd: string;
  /** An IANA name. */
  readonly timeZone: string;
  /** The only model that it counts, by a name or a pattern as in a key's `models`; null counts all. */
  readonly model: string | null;
}

/** Who is calling: one key of one project, and what it may use. */
export interface Principal {
  readonly keyId: string;
  readonly projectId: string;
  readonly scopes: readonly Scope[];
  /** Names and patterns (`openai/*`) of the models it may use; null means all. */
  readonly models: readonly string[] | null;
  readonly keyLimits: RequestLimits | null;
  /** Shared by all keys of the project. */
  readonly projectLimits: RequestLimits | null;
  /** Of the key and of its project. */
  readonly budgets: readonly BudgetTerms[];
}

/** What a principal may use to whom nothing is limited. */
export const UNLIMITED = { models: null, keyLimits: null, projectLimits: null, budgets: [] } as const;

/** Tells whether the principal holds the scope, by itself or through `admin`. */
export function hasScope(principal: Principal, scope: Scope): boolean {
  return principal.scopes.includes(scope) || principal.scopes.includes('admin');
}
