/** What was used, in tokens and other units: columns of the ledger's two tables and of the roll-up. */
export const TOKEN_COLUMNS = [
  'input_tokens',
  'cached_input_tokens',
  'cache_write_5m_tokens',
  'cache_write_1h_tokens',
  'output_tokens',
  'reasoning_tokens',
  'image_input_tokens',
  'audio_input_tokens',
  'audio_output_tokens',
  'image_output_tokens',
  'images',
  'audio_input_seconds',
  'audio_output_seconds',
  'characters',
  'searches',
] as const;

/** What tells one row of the roll-up from another, in the order of its primary key. */
export const ROLL_UP_KEYS = [
  'grain',
  'starts_at',
  'project_id',
  'key_id',
  'requested_model',
  'provider',
  'model',
] as const;

/** What a row of the roll-up adds up: requests by how they ended, what was dispatched, tokens, and `cost_usd`. */
export const SUM_COLUMNS = [
  ...['succeeded', 'failed', 'aborted', 'abandoned', 'attempts', 'estimated', 'unpriced'],
  ...TOKEN_COLUMNS,
  'cost_usd',
] as const;

// An index entry has its limit, and clients choose these names.
const NAME_LENGTH = 200;
const name = (column: string): string => `left(coalesce(${column}, ''), ${String(NAME_LENGTH)})`;

/**
 * SQL for parts of the sums, one row each: a request counts once, at who answered it or was asked last; tokens and money
 * count at who was asked for them, one part for each attempt, or at the request where it has no attempt. `requests` and
 * `attempts` name tables or queries with the columns of `usage_request` and `usage_attempt`; only final requests belong in.
 * The request's tags come along.
 */
export function partsOf(requests: string, attempts: string): string {
  const tokens = (row: string): string => TOKEN_COLUMNS.map((column) => `${row}.${column}`).join(', ');
  const owner = `f.started_at, f.tags, f.project_id, f.key_id, ${name('f.requested_model')}`;
  const billed = (row: string): string =>
    `${row}.estimated::int, (${row}.cost_usd is null)::int, ${tokens(row)}, coalesce(${row}.cost_usd, 0)`;
  return `select f.started_at, f.tags, f.project_id, f.key_id, ${name('f.requested_model')} as requested_model,
    ${name('f.provider')} as provider, ${name('f.model')} as model,
    (f.status = 'succeeded')::int as succeeded, (f.status = 'failed')::int as failed,
    (f.status = 'aborted')::int as aborted, (f.status = 'abandoned')::int as abandoned,
    0 as attempts, 0 as estimated, 0 as unpriced, ${TOKEN_COLUMNS.map((column) => `0 as ${column}`).join(', ')}, 0 as cost_usd
  from ${requests} f
  union all
  select ${owner}, ${name('a.provider')}, ${name('a.model')}, 0, 0, 0, 0, 1, ${billed('a')}
  from ${attempts} a join ${requests} f on f.id = a.usage_request_id
  union all
  select ${owner}, ${name('f.provider')}, ${name('f.model')}, 0, 0, 0, 0, 0, ${billed('f')}
  from ${requests} f where not exists (select from ${attempts} a where a.usage_request_id = f.id)`;
}

/** SQL for the rows of the roll-up that add up these requests and attempts, which are named as for `partsOf`. */
export function sumsOf(requests: string, attempts: string): string {
  const keys = ROLL_UP_KEYS.join(', ');
  return `select ${keys}, ${SUM_COLUMNS.map((column) => `sum(${column}) as ${column}`).join(', ')}
  from (${partsOf(requests, attempts)}) part
  cross join lateral (values
    ('day', date_trunc('day', started_at, 'UTC')),
    ('quarter', date_bin('15 minutes', started_at, timestamptz '2000-01-01 00:00:00+00'))
  ) as bucket (grain, starts_at)
  group by ${keys}`;
}

/** Deletes the finer sums of what the ledger has kept long enough; those by UTC day stay. */
export const FORGET_QUARTERS = `delete from usage_rollup where grain = 'quarter' and starts_at < $1`;

/**
 * A statement that adds requests which became final just now to the roll-up, for use as one `with` query of the ledger's
 * transaction. Expects the queries `finals` (columns of `usage_request`; only rows that became final in this statement, or
 * they count twice) and `final_attempts` (columns of `usage_attempt`, theirs alone) before it. Rows are taken in the order
 * of their key, so that two writers wait for each other instead of deadlocking.
 */
export const ROLL_UP = `insert into usage_rollup (${[...ROLL_UP_KEYS, ...SUM_COLUMNS].join(', ')})
  ${sumsOf('finals', 'final_attempts')}
  order by ${ROLL_UP_KEYS.join(', ')}
  on conflict (${ROLL_UP_KEYS.join(', ')}) do update set
    ${SUM_COLUMNS.map((column) => `${column} = usage_rollup.${column} + excluded.${column}`).join(',\n    ')}`;
