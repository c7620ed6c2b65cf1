import type { TokenUsage, UnitCounts } from '../../core/chat/token-usage.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json.js';
import type { AttemptRecord, LedgerHold, LedgerOpening, LedgerRecord } from './ledger-record.js';

const PLAIN = /^[\w .:/@+-]*$/;

/**
 * What the ledger is to hold of one request, as JSON, in the words of its tables: written once, it is a line of the
 * write-ahead file and a row of a statement's parameters.
 */
export interface LedgerEntry {
  readonly id: string;
  /** One object with the columns of `usage_request`; tokens that are zero are left out. */
  readonly request: string;
  /** Objects with the columns of `usage_attempt`, separated by commas. */
  readonly attempts: string;
  /** Objects with the columns of `usage_charge`, separated by commas. */
  readonly charges: string;
}

/** An entry of the write-ahead file: of a request that was about to begin, or of one that ended. */
export interface ReadEntry extends LedgerEntry {
  readonly isOpening: boolean;
}

/** The row of a request that is under way. */
export function toOpeningEntry(opening: LedgerOpening, instanceId: string): LedgerEntry {
  const { id, holds } = opening;
  const request =
    requestHead(opening, instanceId) +
    text('status', 'open') +
    count('input_tokens', opening.estimatedInputTokens) +
    ',"estimated":true}';
  return {
    id,
    request,
    attempts: '',
    charges: holds.map((hold) => toCharge(id, hold, '0')).join(),
  };
}

/** The rows of a request that ended. */
export function toFinalEntry(record: LedgerRecord, instanceId: string): LedgerEntry {
  const { id, attempts, charges } = record;
  const request =
    requestHead(record, instanceId) +
    text('status', record.status) +
    text('error_code', record.errorCode) +
    tokenCounts(record.usage) +
    text('cost_usd', record.costUsd) +
    text('saved_usd', record.savedUsd ?? null) +
    count('duration_ms', record.durationMs) +
    (record.firstContentMs === null ? '}' : `,"first_content_ms":${String(record.firstContentMs)}}`);
  return {
    id,
    request,
    attempts: attempts.map((attempt) => toAttempt(id, attempt)).join(),
    charges: charges.map((charge) => toCharge(id, charge, charge.spentUsd)).join(),
  };
}

/** An entry as a line of the write-ahead file. */
export function toLine({ request, attempts, charges }: LedgerEntry): string {
  return `{"request":${request},"attempts":[${attempts}],"charges":[${charges}]}\n`;
}

/** What a line of the write-ahead file says; null for one that is no whole entry. */
export function parseLine(line: string): ReadEntry | null {
  const value = parseJson(line);
  if (!isJsonObject(value)) return null;
  const { request, attempts, charges } = value;
  if (!isJsonObject(request) || typeof request.id !== 'string') return null;
  if (!Array.isArray(attempts) || !Array.isArray(charges)) return null;
  return {
    id: request.id,
    isOpening: request.status === 'open',
    request: JSON.stringify(request),
    attempts: toItems(attempts),
    charges: toItems(charges),
  };
}

/** JSON values as the inside of an array. */
export function toItems(values: readonly JsonValue[]): string {
  return values.map((value) => JSON.stringify(value)).join();
}

/** The objects that `toItems` made a text of. */
export function fromItems(items: string): JsonObject[] {
  return JSON.parse(`[${items}]`) as JsonObject[];
}

function requestHead(request: LedgerOpening | LedgerRecord, instanceId: string): string {
  return (
    `{"id":${quote(request.id)}` +
    text('instance_id', instanceId) +
    text('request_id', request.requestId) +
    text('project_id', request.projectId) +
    text('key_id', request.keyId) +
    text('surface', request.surface) +
    text('operation', request.operation) +
    text('requested_model', request.requestedModel) +
    text('provider', request.provider) +
    text('model', request.model) +
    `,"tags":[${request.tags.map(quote).join()}],"started_at":"${request.startedAt.toISOString()}"`
  );
}

function toAttempt(requestId: string, attempt: AttemptRecord): string {
  return (
    `{"usage_request_id":${quote(requestId)},"n":${String(attempt.n)}` +
    text('provider', attempt.provider) +
    text('model', attempt.model) +
    text('credential', attempt.credential) +
    text('outcome', attempt.outcome) +
    text('error_kind', attempt.errorKind) +
    tokenCounts(attempt.usage) +
    text('cost_usd', attempt.costUsd) +
    count('duration_ms', attempt.durationMs) +
    `,"offset_ms":${String(attempt.offsetMs)}` +
    (attempt.firstContentMs === null ? '' : `,"first_content_ms":${String(attempt.firstContentMs)}`) +
    text('purpose', attempt.purpose) +
    (attempt.isAside ? ',"is_aside":true}' : '}')
  );
}

function toCharge(requestId: string, { budgetId, periodStart, reservedUsd }: LedgerHold, spentUsd: string): string {
  return (
    `{"usage_request_id":${quote(requestId)}` +
    text('budget_id', budgetId) +
    text('period_start', periodStart) +
    text('reserved_usd', reservedUsd) +
    text('spent_usd', spentUsd) +
    '}'
  );
}

function tokenCounts(usage: TokenUsage): string {
  return (
    count('input_tokens', usage.input) +
    count('cached_input_tokens', usage.cachedInput) +
    count('cache_write_5m_tokens', usage.cacheWrite5m) +
    count('cache_write_1h_tokens', usage.cacheWrite1h) +
    count('output_tokens', usage.output) +
    count('reasoning_tokens', usage.reasoning) +
    count('image_input_tokens', usage.imageInput) +
    count('audio_input_tokens', usage.audioInput) +
    count('audio_output_tokens', usage.audioOutput) +
    count('image_output_tokens', usage.imageOutput ?? 0) +
    (usage.units ? unitCounts(usage.units) : '') +
    (usage.estimated === true ? ',"estimated":true' : '')
  );
}

function unitCounts(units: UnitCounts): string {
  return (
    count('images', units.image ?? 0) +
    count('audio_input_seconds', units.audioInputSecond ?? 0) +
    count('audio_output_seconds', units.audioOutputSecond ?? 0) +
    count('characters', units.character ?? 0) +
    count('searches', units.search ?? 0)
  );
}

// What is null or zero is left out: most are in most rows.
function text(name: string, value: string | null): string {
  return value === null ? '' : `,"${name}":${quote(value)}`;
}

function count(name: string, value: number): string {
  return value === 0 ? '' : `,"${name}":${String(value)}`;
}

// Each request pays for this twice, and hardly ever is there anything to escape.
function quote(value: string): string {
  return PLAIN.test(value) ? `"${value}"` : JSON.stringify(value);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
