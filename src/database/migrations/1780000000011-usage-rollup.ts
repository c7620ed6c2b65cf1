import type { MigrationInterface, QueryRunner } from 'typeorm';

const TOKENS = [
  'input_tokens',
  'cached_input_tokens',
  'cache_write_5m_tokens',
  'cache_write_1h_tokens',
  'output_tokens',
  'reasoning_tokens',
  'image_input_tokens',
  'audio_input_tokens',
  'audio_output_tokens',
];
const COUNTERS = ['succeeded', 'failed', 'aborted', 'abandoned', 'attempts', 'estimated', 'unpriced', ...TOKENS];

const tokensOf = (row: string): string => TOKENS.map((name) => `${row}.${name}`).join(', ');

// What the ledger holds already, summed as the ledger's own transaction sums what comes from now on.
const FILL = `
  insert into usage_rollup
  select grain, starts_at, project_id, key_id, requested_model, provider, model,
    ${COUNTERS.map((name) => `sum(${name})`).join(', ')}, sum(cost_usd)
  from (
    select started_at, project_id, key_id, left(requested_model, 200) as requested_model,
      left(coalesce(provider, ''), 200) as provider, left(coalesce(model, ''), 200) as model,
      (status = 'succeeded')::int as succeeded, (status = 'failed')::int as failed, (status = 'aborted')::int as aborted,
      (status = 'abandoned')::int as abandoned, 0 as attempts, 0 as estimated, 0 as unpriced,
      ${TOKENS.map((name) => `0 as ${name}`).join(', ')}, 0 as cost_usd
    from usage_request where status <> 'open'
    union all
    select f.started_at, f.project_id, f.key_id, left(f.requested_model, 200), left(a.provider, 200), left(a.model, 200),
      0, 0, 0, 0, 1, a.estimated::int, (a.cost_usd is null)::int, ${tokensOf('a')}, coalesce(a.cost_usd, 0)
    from usage_request f join usage_attempt a on a.usage_request_id = f.id where f.status <> 'open'
    union all
    select f.started_at, f.project_id, f.key_id, left(f.requested_model, 200), left(coalesce(f.provider, ''), 200),
      left(coalesce(f.model, ''), 200), 0, 0, 0, 0, 0, f.estimated::int, (f.cost_usd is null)::int, ${tokensOf('f')},
      coalesce(f.cost_usd, 0)
    from usage_request f
    where f.status <> 'open' and not exists (select from usage_attempt a where a.usage_request_id = f.id)
  ) part
  cross join lateral (values
    ('day', date_trunc('day', started_at, 'UTC')),
    ('quarter', date_bin('15 minutes', started_at, timestamptz '2000-01-01 00:00:00+00'))
  ) as bucket (grain, starts_at)
  group by grain, starts_at, project_id, key_id, requested_model, provider, model`;

/** The ledger summed by UTC day and by quarter of an hour, for reports that do not read the ledger. */
export class UsageRollup1780000000011 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      create table usage_rollup (
        grain text not null,
        starts_at timestamptz not null,
        project_id text not null,
        key_id text not null,
        requested_model text not null,
        provider text not null,
        model text not null,
        ${COUNTERS.map((name) => `${name} bigint not null`).join(',\n        ')},
        cost_usd numeric(30,10) not null,
        constraint usage_rollup_pkey
          primary key (grain, starts_at, project_id, key_id, requested_model, provider, model)
      ) with (fillfactor = 80)`);
    await queryRunner.query(FILL);
    await queryRunner.query('create index usage_rollup_project_id_idx on usage_rollup (project_id, grain, starts_at)');
  }

  down(): Promise<void> {
    return Promise.reject(new Error('Migrations only go forward.'));
  }
}
