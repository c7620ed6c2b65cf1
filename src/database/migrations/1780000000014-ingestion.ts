import type { MigrationInterface, QueryRunner } from 'typeorm';

const STATEMENTS = [
  // A collection's vectors are of one generation; the next one is built beside it and takes its place in one update.
  `alter table collection
    add column embedding_generation integer not null default 0,
    add column next_embedding_model text,
    add column next_embedding_target text,
    add column next_embedding_dimensions integer,
    add column embedding_job_id text`,
  `alter table chunk_embedding
    add column generation integer not null default 0,
    add column input_hash text`,
  `alter table chunk_embedding drop constraint chunk_embedding_pkey`,
  `alter table chunk_embedding add constraint chunk_embedding_pkey primary key (chunk_id, generation)`,
  `alter table chunk add column page integer`,
  `alter table job
    add column stage text,
    add column stages jsonb not null default '[]'`,
];

/** Generations of vectors, pages of chunks, and the stages of jobs. */
export class Ingestion1780000000014 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await queryRunner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('Migrations only go forward.'));
  }
}
