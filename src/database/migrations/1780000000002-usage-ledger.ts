import type { MigrationInterface, QueryRunner } from 'typeorm';

const TOKEN_COLUMNS = [
  'input_tokens',
  'cached_input_tokens',
  'cache_write_5m_tokens',
  'cache_write_1h_tokens',
  'output_tokens',
  'reasoning_tokens',
  'image_input_tokens',
  'audio_input_tokens',
  'audio_output_tokens',
].map((name) => `${name} bigint not null`);

/** The usage ledger: one row for every admitted request and one for every attempt upstream. */
export class UsageLedger1780000000002 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      create table usage_request (
        id text not null,
        request_id text not null,
        project_id text not null,
        key_id text not null,
        surface text not null,
        operation text not null,
        requested_model text not null,
        provider text,
        model text,
        status text not null,
        error_code text,
        ${TOKEN_COLUMNS.join(',\n        ')},
        cost_usd numeric(20,10),
        estimated boolean not null,
        tags text[] not null,
        started_at timestamptz not null,
        duration_ms integer not null,
        first_content_ms integer,
        constraint usage_request_pkey primary key (id),
        constraint usage_request_project_id_fkey foreign key (project_id) references project (id)
      )`);
    await queryRunner.query(
      'create index usage_request_project_id_request_id_idx on usage_request (project_id, request_id)',
    );
    await queryRunner.query(
      'create index usage_request_project_id_started_at_idx on usage_request (project_id, started_at)',
    );
    await queryRunner.query(`
      create table usage_attempt (
        usage_request_id text not null,
        n integer not null,
        provider text not null,
        model text not null,
        credential text,
        outcome text not null,
        error_kind text,
        ${TOKEN_COLUMNS.join(',\n        ')},
        cost_usd numeric(20,10),
        estimated boolean not null,
        duration_ms integer not null,
        constraint usage_attempt_pkey primary key (usage_request_id, n),
        constraint usage_attempt_usage_request_id_fkey foreign key (usage_request_id) references usage_request (id)
      )`);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('Migrations only go forward.'));
  }
}
