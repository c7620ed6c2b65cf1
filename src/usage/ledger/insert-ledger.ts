import type { LedgerRecord } from './ledger-record.js';
import { toTokenColumns } from './token-columns.js';

type Columns = Readonly<Record<string, string>>;

const TOKENS: Columns = {
  input_tokens: 'bigint',
  cached_input_tokens: 'bigint',
  cache_write_5m_tokens: 'bigint',
  cache_write_1h_tokens: 'bigint',
  output_tokens: 'bigint',
  reasoning_tokens: 'bigint',
  image_input_tokens: 'bigint',
  audio_input_tokens: 'bigint',
  audio_output_tokens: 'bigint',
  estimated: 'boolean',
};

const REQUEST: Columns = {
  id: 'text',
  request_id: 'text',
  project_id: 'text',
  key_id: 'text',
  surface: 'text',
  operation: 'text',
  requested_model: 'text',
  provider: 'text',
  model: 'text',
  status: 'text',
  error_code: 'text',
  ...TOKENS,
  cost_usd: 'numeric',
  tags: 'text[]',
  started_at: 'timestamptz',
  duration_ms: 'integer',
  first_content_ms: 'integer',
};

const ATTEMPT: Columns = {
  usage_request_id: 'text',
  n: 'integer',
  provider: 'text',
  model: 'text',
  credential: 'text',
  outcome: 'text',
  error_kind: 'text',
  ...TOKENS,
  cost_usd: 'numeric',
  duration_ms: 'integer',
};

/**
 * Inserts requests ($1) and their attempts ($2), both JSON arrays, in one statement and so as a whole; rows that are there
 * stay as they are. Each row as JSON and not as parameters: there is no limit to their number, and nothing to build.
 */
export const INSERT_LEDGER = `with requests as (${insertFrom('usage_request', REQUEST, '$1')})
${insertFrom('usage_attempt', ATTEMPT, '$2')}`;

/** The two parameters of INSERT_LEDGER. */
export function toInsertParameters(records: readonly LedgerRecord[]): [requests: string, attempts: string] {
  return [
    JSON.stringify(records.map(toRequestRow)),
    JSON.stringify(records.flatMap((record) => record.attempts.map((attempt) => toAttemptRow(record.id, attempt)))),
  ];
}

function insertFrom(table: string, columns: Columns, parameter: string): string {
  const names = Object.keys(columns).join(', ');
  const typed = Object.entries(columns).map(([name, type]) => `${name} ${type}`);
  return `insert into ${table} (${names}) select ${names}
  from json_to_recordset(${parameter}::json) as row(${typed.join(', ')}) on conflict do nothing`;
}

function toRequestRow(record: LedgerRecord): Record<string, unknown> {
  return {
    id: record.id,
    request_id: record.requestId,
    project_id: record.projectId,
    key_id: record.keyId,
    surface: record.surface,
    operation: record.operation,
    requested_model: record.requestedModel,
    provider: record.provider,
    model: record.model,
    status: record.status,
    error_code: record.errorCode,
    ...toTokens(record.usage),
    cost_usd: record.costUsd,
    tags: record.tags,
    started_at: record.startedAt,
    duration_ms: record.durationMs,
    first_content_ms: record.firstContentMs,
  };
}

function toAttemptRow(requestId: string, attempt: LedgerRecord['attempts'][number]): Record<string, unknown> {
  return {
    usage_request_id: requestId,
    n: attempt.n,
    provider: attempt.provider,
    model: attempt.model,
    credential: attempt.credential,
    outcome: attempt.outcome,
    error_kind: attempt.errorKind,
    ...toTokens(attempt.usage),
    cost_usd: attempt.costUsd,
    duration_ms: attempt.durationMs,
  };
}

function toTokens(usage: LedgerRecord['usage']): Record<string, unknown> {
  const tokens = toTokenColumns(usage);
  return {
    input_tokens: tokens.input,
    cached_input_tokens: tokens.cachedInput,
    cache_write_5m_tokens: tokens.cacheWrite5m,
    cache_write_1h_tokens: tokens.cacheWrite1h,
    output_tokens: tokens.output,
    reasoning_tokens: tokens.reasoning,
    image_input_tokens: tokens.imageInput,
    audio_input_tokens: tokens.audioInput,
    audio_output_tokens: tokens.audioOutput,
    estimated: tokens.estimated,
  };
}
