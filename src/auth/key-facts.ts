import type { BudgetTerms } from '../core/principal.js';
import type { JsonObject } from '../core/json.js';
import type { ApiKeyEntity } from './api-key.entity.js';
import type { ProjectEntity } from './project.entity.js';

type Limited = Pick<ApiKeyEntity, 'requestsPerMinute' | 'tokensPerMinute' | 'concurrency'>;
type Budget = Pick<BudgetTerms, 'window' | 'amountUsd' | 'timeZone' | 'model'>;

/** What the audit log may know of a key. */
export function keyFacts(key: ApiKeyEntity, budgets: readonly Budget[]): JsonObject {
  return {
    name: key.name,
    project_id: key.projectId,
    scopes: key.scopes,
    models: key.models,
    ...limitFacts(key),
    budgets: budgetFacts(budgets),
    expires_at: timeOf(key.expiresAt),
    revoked_at: timeOf(key.revokedAt),
    rotated_at: timeOf(key.rotatedAt),
    old_secret_until: timeOf(key.oldSecretUntil),
  };
}

/** What the audit log may know of a project. */
export function projectFacts(project: ProjectEntity, budgets: readonly Budget[]): JsonObject {
  return {
    name: project.name,
    ...limitFacts(project),
    budgets: budgetFacts(budgets),
    disabled_at: timeOf(project.disabledAt),
    deleted_at: timeOf(project.deletedAt),
  };
}

function limitFacts(limits: Limited): JsonObject {
  return {
    requests_per_minute: limits.requestsPerMinute,
    tokens_per_minute: limits.tokensPerMinute,
    concurrency: limits.concurrency,
  };
}

// Null where there is none, so that a new key without budgets has nothing to say about them.
function budgetFacts(budgets: readonly Budget[]): JsonObject[] | null {
  if (budgets.length === 0) return null;
  return budgets.map(({ window, amountUsd, timeZone, model }) => ({
    window,
    amount_usd: amountUsd,
    time_zone: timeZone,
    model,
  }));
}

function timeOf(date: Date | null): string | null {
  return date?.toISOString() ?? null;
}
