import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What was said in conversations. A turn is what one request said and what was answered; its number orders it among the
 * others, whoever wrote them. A turn that is `running` belongs to the process of its `instance_id`: when that is dead, it
 * ended as what is stored of it. Messages are JSON texts and no `jsonb`, which would refuse what some models write.
 */
export class Conversations1780000000018 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      create table conversation (
        id text not null,
        project_id text not null,
        title text,
        metadata jsonb not null default '{}',
        last_turn integer not null default 0,
        summary text,
        summary_until integer not null default 0,
        created_at timestamptz not null default now(),
        updated_at timestamptz not null default now(),
        constraint conversation_pkey primary key (id),
        constraint conversation_project_id_fkey foreign key (project_id) references project (id)
      )`);
    await queryRunner.query(`
      create table conversation_turn (
        conversation_id text not null,
        turn integer not null,
        status text not null,
        instance_id text not null,
        request_id text not null,
        system text,
        finish_reason text,
        created_at timestamptz not null default now(),
        ended_at timestamptz,
        constraint conversation_turn_pkey primary key (conversation_id, turn),
        constraint conversation_turn_conversation_id_fkey foreign key (conversation_id)
          references conversation (id) on delete cascade,
        constraint conversation_turn_status_check check (status in ('running', 'completed', 'partial', 'failed'))
      )`);
    await queryRunner.query(`
      create table conversation_message (
        conversation_id text not null,
        turn integer not null,
        ordinal integer not null,
        id text not null,
        role text not null,
        content text not null,
        call_ids text[] not null default '{}',
        tokens integer not null,
        bytes integer not null,
        is_answer boolean not null,
        model text,
        provider text,
        created_at timestamptz not null default now(),
        constraint conversation_message_pkey primary key (conversation_id, turn, ordinal),
        constraint conversation_message_turn_fkey foreign key (conversation_id, turn)
          references conversation_turn (conversation_id, turn) on delete cascade
      )`);
    await queryRunner.query(
      'create index conversation_project_id_created_at_idx on conversation (project_id, created_at, id)',
    );
    await queryRunner.query(
      `create index conversation_turn_running_idx on conversation_turn (instance_id) where status = 'running'`,
    );
    await queryRunner.query(
      'create unique index conversation_message_id_idx on conversation_message (conversation_id, id)',
    );
  }

  down(): Promise<void> {
    return Promise.reject(new Error('Migrations only go forward.'));
  }
}
