import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Addresses that projects want to be told of events at, and the events on their way there. */
export class Webhooks1780000000023 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      create table webhook (
        id text not null,
        project_id text not null,
        url text not null,
        events text[] not null,
        description text,
        sealed_secret bytea not null,
        sealed_previous_secret bytea,
        previous_secret_until timestamptz,
        status text not null default 'enabled',
        disabled_reason text,
        created_at timestamptz not null default now(),
        constraint webhook_pkey primary key (id),
        constraint webhook_project_id_fkey foreign key (project_id) references project (id),
        constraint webhook_status_check check (status in ('enabled', 'disabled'))
      )`);
    await queryRunner.query('create index webhook_project_id_created_at_idx on webhook (project_id, created_at, id)');
    await queryRunner.query(`
      create table webhook_delivery (
        id text not null,
        event_id text not null,
        webhook_id text not null,
        project_id text not null,
        type text not null,
        body text not null,
        status text not null default 'pending',
        attempts jsonb not null default '[]',
        failures integer not null default 0,
        next_attempt_at timestamptz not null default now(),
        claim text,
        claimed_until timestamptz,
        created_at timestamptz not null default now(),
        finished_at timestamptz,
        constraint webhook_delivery_pkey primary key (id),
        constraint webhook_delivery_webhook_id_fkey foreign key (webhook_id) references webhook (id) on delete cascade,
        constraint webhook_delivery_status_check check (status in ('pending', 'delivered', 'failed'))
      )`);
    for (const [name, columns, rest] of [
      ['webhook_id_event_id', '(webhook_id, event_id)', ''],
      ['due', '(webhook_id, next_attempt_at)', ` where status = 'pending'`],
      ['busy', '(webhook_id, claimed_until)', ` where status = 'pending' and claimed_until is not null`],
      ['project_id_created_at', '(project_id, created_at, id)', ''],
      ['created_at', '(created_at, id)', ''],
    ] as const) {
      const unique = name === 'webhook_id_event_id' ? 'unique ' : '';
      await queryRunner.query(
        `create ${unique}index webhook_delivery_${name}_idx on webhook_delivery ${columns}${rest}`,
      );
    }
  }

  down(): Promise<void> {
    return Promise.reject(new Error('Migrations only go forward.'));
  }
}
