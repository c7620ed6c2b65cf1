import type { MigrationInterface, QueryRunner } from 'typeorm';

const STATEMENTS = [
  `create table collection (
    id text not null,
    project_id text not null,
    name text not null,
    embedding_model text not null,
    embedding_target text,
    embedding_dimensions integer,
    language text,
    chunk_size integer not null,
    chunk_overlap integer not null,
    metadata jsonb not null default '{}',
    created_at timestamptz not null default now(),
    constraint collection_pkey primary key (id),
    constraint collection_project_id_name_key unique (project_id, name),
    constraint collection_project_id_fkey foreign key (project_id) references project (id)
  )`,
  `create table document (
    project_id text not null,
    id text not null,
    collection_id text not null,
    source text not null,
    current_version integer not null default 0,
    latest_version integer not null,
    created_at timestamptz not null default now(),
    constraint document_pkey primary key (project_id, id),
    constraint document_project_id_fkey foreign key (project_id) references project (id),
    constraint document_collection_id_fkey foreign key (collection_id) references collection (id)
  )`,
  `create index document_collection_id_source_idx on document (collection_id, source)`,
  `create index document_project_id_created_at_idx on document (project_id, created_at, id)`,
  `create table document_version (
    project_id text not null,
    document_id text not null,
    version integer not null,
    collection_id text not null,
    status text not null,
    title text,
    language text,
    search_config text not null,
    metadata jsonb not null default '{}',
    content_hash text not null,
    text text not null,
    job_id text,
    created_at timestamptz not null default now(),
    indexed_at timestamptz,
    constraint document_version_pkey primary key (project_id, document_id, version),
    constraint document_version_document_fkey foreign key (project_id, document_id) references document (project_id, id)
  )`,
  `create index document_version_content_hash_idx on document_version (collection_id, content_hash)`,
  `create index document_version_pending_idx on document_version (collection_id) where status = 'pending'`,
  `create table chunk (
    id text not null,
    project_id text not null,
    collection_id text not null,
    document_id text not null,
    version integer not null,
    ordinal integer not null,
    start_offset integer not null,
    end_offset integer not null,
    heading_path text,
    text text not null,
    constraint chunk_pkey primary key (id),
    constraint chunk_version_fkey foreign key (project_id, document_id, version)
      references document_version (project_id, document_id, version)
  )`,
  `create unique index chunk_document_ordinal_idx on chunk (project_id, document_id, version, ordinal)`,
  // The tables below have no entity: TypeORM knows neither tsvector nor sparsevec.
  `create table chunk_lexical (
    chunk_id text primary key,
    project_id text not null,
    collection_id text not null,
    document_id text not null,
    version integer not null,
    tsv tsvector not null,
    len integer not null,
    lex sparsevec(268435456) not null
  )`,
  `create index chunk_lexical_owner_idx on chunk_lexical (collection_id, document_id, version)`,
  `create index chunk_lexical_tsv_idx on chunk_lexical using gin (tsv) with (fastupdate = off)`,
  `create table chunk_embedding (
    chunk_id text primary key,
    project_id text not null,
    collection_id text not null,
    document_id text not null,
    version integer not null,
    embedding vector not null
  )`,
  `create index chunk_embedding_owner_idx on chunk_embedding (collection_id, document_id, version)`,
  `create table lex_term (
    project_id text not null,
    collection_id text not null,
    lexeme text not null,
    df integer not null,
    primary key (collection_id, lexeme)
  ) with (fillfactor = 70)`,
  `create table lex_stats (
    project_id text not null,
    collection_id text not null,
    search_config text not null,
    n integer not null,
    total_len bigint not null,
    avg_ref double precision not null,
    primary key (collection_id, search_config)
  ) with (fillfactor = 50)`,
];

/** Collections, versioned documents, their chunks, and the lexical and vector columns behind retrieval. */
export class Knowledge1780000000003 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await queryRunner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('Migrations only go forward.'));
  }
}
