import type { MigrationInterface, QueryRunner } from 'typeorm';

const STATEMENTS = [
  // For filters that name a value of the metadata. A collection's own vectors get their index when there are many of them.
  `create index document_version_metadata_idx on document_version using gin (metadata jsonb_path_ops)`,
  // For queries of which no word is known: which words look like them.
  `create index lex_term_trigram_idx on lex_term using gin (lexeme gin_trgm_ops)`,
];

/** What filters and typing mistakes are looked up by. */
export class Retrieval1780000000015 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await queryRunner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('Migrations only go forward.'));
  }
}
