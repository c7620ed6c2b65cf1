import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { findEmbeddedOwner } from '../../src/database/embedded/embedded-database.js';
import { FakeOpenAi } from '../fakes/fake-openai.js';
import { dropTestSchema, type TestDatabase, withClient } from './database.js';
import { makePagedPdf, pdfLines } from './make-pdf.js';
import { ServerProcess } from './server-process.js';

const ADMIN_KEY = 'ingestion-bench-admin-key';
const MODEL = 'lab/vectors';

/** What a document says, in one of two ways; the same number and way are the same text. */
export interface BenchText {
  readonly number: number;
  readonly way: 'a' | 'b';
}

/** What is left of jobs that ended, by SQL: all of it should be 0. */
export type Remains = Record<string, number>;

/** A server process that indexes documents with a slow embedder, over a database that outlives it. */
export class IngestionBench {
  readonly embedder = new FakeOpenAi();
  readonly #directory = mkdtempSync(join(tmpdir(), 'trunkline-ingestion-'));
  readonly #database: TestDatabase | null;
  #server: ServerProcess | null = null;

  /** On a PostgreSQL server when its URL is given, else on an embedded database of its own. */
  constructor(
    databaseUrl: string | undefined,
    private readonly sections = 160,
  ) {
    const schema = `test_${randomBytes(6).toString('hex')}`;
    this.#database = databaseUrl === undefined ? null : { url: databaseUrl, dataDir: tmpdir(), schema, poolSize: 5 };
  }

  async open(): Promise<void> {
    await this.embedder.start();
    this.embedder.reply({ delayMs: 20 }).forever();
    const gateway = {
      providers: { lab: { type: 'openai-compatible', base_url: this.embedder.url, api_keys: ['sk'] } },
      prices: { [MODEL]: { input: 1, output: 0 } },
    };
    writeFileSync(join(this.#directory, 'trunkline.yaml'), JSON.stringify(gateway));
    await this.start();
  }

  async close(): Promise<void> {
    await this.kill();
    await this.embedder.stop();
    if (this.#database) await dropTestSchema(this.#database);
    rmSync(this.#directory, { recursive: true, force: true });
  }

  async start(): Promise<void> {
    this.#server = await ServerProcess.start({
      TRUNKLINE_DATA_DIR: join(this.#directory, 'data'),
      TRUNKLINE_CONFIG: join(this.#directory, 'trunkline.yaml'),
      TRUNKLINE_ADMIN_KEY: ADMIN_KEY,
      ...(this.#database ? { DATABASE_URL: this.#database.url, DATABASE_SCHEMA: this.#database.schema } : {}),
    });
  }

  /** `kill -9`. */
  async kill(): Promise<void> {
    await this.#server?.end();
    this.#server = null;
  }

  async makeCollection(name: string): Promise<void> {
    await this.#send('/v1/collections', { name, embedding_model: MODEL });
  }

  /** Sends a text, or a PDF of it, as a new version of the document of its number; resolves to the job. */
  async send(collection: string, text: BenchText, as: 'text' | 'pdf'): Promise<string> {
    const id = documentId(collection, text, as);
    if (as === 'text') {
      const body = { collection, document_id: id, source: id, content: sectionsOf(text, this.sections).join('\n\n') };
      return ((await this.#send('/v1/index', body)) as { job_id: string }).job_id;
    }
    const form = new FormData();
    form.append('collection', collection);
    form.append('document_id', id);
    const pages = sectionsOf(text, this.sections).map((section) => pdfLines(section.match(/[^]{1,80}(?: |$)/gu) ?? []));
    form.append('file', new Blob([new Uint8Array(makePagedPdf(pages))]), `${id}.pdf`);
    return ((await this.#call('/v1/documents', { method: 'POST', body: form })) as { job_id: string }).job_id;
  }

  /** Polls jobs until they are over; resolves to their states, with why they failed. */
  async waitFor(jobs: readonly string[]): Promise<string[]> {
    return Promise.all(
      jobs.map(async (id) => {
        for (;;) {
          const job = (await this.#call(`/v1/jobs/${id}`)) as { status: string; error?: object };
          if (job.status !== 'queued' && job.status !== 'running')
            return `${job.status}${JSON.stringify(job.error ?? '')}`;
          await delay(50);
        }
      }),
    );
  }

  /** Resolves when a parser has a file in its hands, or has put the last one down already. */
  async untilParsing(): Promise<void> {
    for (;;) {
      const rows = await this.query<{ files: number; running: number }>(
        `select count(*)::int as files, count(*) filter (where j.status = 'running')::int as running
         from upload u join job j on j.payload->>'documentId' = u.document_id and (j.payload->>'version')::int = u.version`,
      );
      const { files, running } = rows[0] ?? { files: 0, running: 0 };
      if (files === 0 || running > 0) return;
      await delay(5);
    }
  }

  /** What searches see of a document: place, text, words, vector and page of each chunk, and nothing that names a version. */
  chunks(collection: string, text: BenchText, as: 'text' | 'pdf'): Promise<object[]> {
    return this.query(
      `select c.ordinal, c.start_offset, c.end_offset, c.page, md5(c.text) as text, md5(l.tsv::text) as words, l.len,
         md5(l.lex::text) as weights, md5(e.embedding::text) as vector, e.input_hash, e.generation
       from document d join chunk c on c.project_id = d.project_id and c.document_id = d.id and c.version = d.current_version
       left join chunk_lexical l on l.chunk_id = c.id left join chunk_embedding e on e.chunk_id = c.id
       where d.id = '${documentId(collection, text, as)}' order by c.ordinal`,
    );
  }

  /** Rows that belong to nothing, and counts that are wrong. */
  async remains(): Promise<Remains> {
    const rows = await this.query<Remains>(
      `with seen as (
         select l.* from chunk_lexical l join document d
           on d.project_id = l.project_id and d.id = l.document_id and d.current_version = l.version),
       counted as (
         select collection_id, w.lexeme, count(*) as df from seen
         cross join lateral unnest(tsvector_to_array(tsv)) as w(lexeme) group by 1, 2)
       select
         (select count(*)::int from chunk c left join document d on d.project_id = c.project_id and d.id = c.document_id
            and d.current_version = c.version where d.id is null) as chunks,
         (select count(*)::int from chunk_lexical l where not exists (select from chunk c where c.id = l.chunk_id)) as lexical,
         (select count(*)::int from chunk_embedding e where not exists (select from chunk c where c.id = e.chunk_id)) as vectors,
         (select count(*)::int from document_version where status = 'pending') as versions,
         (select count(*)::int from upload) as uploads,
         (select count(*)::int from upload_piece) as pieces,
         (select count(*)::int from counted c full join lex_term t using (collection_id, lexeme)
            where c.df is distinct from t.df) as terms,
         (select count(*)::int from (select collection_id, count(*) as n from seen group by 1) v
            full join (select collection_id, sum(n) as n from lex_stats group by 1) s using (collection_id)
            where coalesce(v.n, 0) <> coalesce(s.n, 0)) as totals`,
    );
    return rows[0] ?? {};
  }

  /** Puts the jobs of a process that was killed back in the queue, as would happen when it is missed long enough. */
  async requeueLost(): Promise<void> {
    const { schema } = this.#location();
    await this.query(`update "${schema}_jobs".job set state = 'retry', start_after = now() where state = 'active'`);
  }

  /**
   * Does the work while nobody can publish to any collection that has documents already; it is told how to wait until
   * somebody tries to.
   */
  async withoutCommits(work: (untilTried: () => Promise<void>) => Promise<void>): Promise<void> {
    await withClient(this.#location(), async (client) => {
      await client.query('begin');
      await client.query('select 1 from lex_stats for update');
      await work(async () => {
        for (;;) {
          const { rows } = await client.query<{ tries: number }>(
            `select count(*)::int as tries from pg_locks where not granted and pg_backend_pid() = any(pg_blocking_pids(pid))`,
          );
          if ((rows[0]?.tries ?? 0) > 0) return;
          await delay(5);
        }
      });
      await client.query('rollback');
    });
  }

  async query<Row extends object>(sql: string): Promise<Row[]> {
    return withClient(this.#location(), async (client) => (await client.query<Row>(sql)).rows);
  }

  #location(): TestDatabase {
    if (this.#database) return this.#database;
    const owner = findEmbeddedOwner(join(this.#directory, 'data'));
    if (!owner) throw new Error('No process runs the embedded database.');
    return { url: owner.url, dataDir: '', schema: 'trunkline', poolSize: 1 };
  }

  #send(path: string, body: object): Promise<unknown> {
    const headers = { 'content-type': 'application/json' };
    return this.#call(path, { method: 'POST', headers, body: JSON.stringify(body) });
  }

  async #call(
    path: string,
    init: Omit<RequestInit, 'headers'> & { headers?: Record<string, string> } = {},
  ): Promise<unknown> {
    const headers = { authorization: `Bearer ${ADMIN_KEY}`, ...init.headers };
    const response = await fetch(`${this.#server?.url ?? 'http://127.0.0.1:1'}${path}`, { ...init, headers });
    if (!response.ok) throw new Error(`${path}: ${String(response.status)} ${await response.text()}`);
    return response.json();
  }
}

function documentId(collection: string, { number }: BenchText, as: string): string {
  return `${collection}-${as}-${String(number)}`;
}

// A third of the sections say the same in both ways.
function sectionsOf({ number, way }: BenchText, sections: number): string[] {
  return Array.from({ length: sections }, (_, section) => {
    const said = section % 3 === 0 ? 'same' : `way${way}`;
    return `# Section ${String(section)}\n\n${`Document ${String(number)} says ${said} thing${String(section)} here. `.repeat(24)}`;
  });
}
