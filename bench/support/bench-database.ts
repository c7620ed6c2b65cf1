import { readFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import pg from 'pg';

const LOCAL = ['127.0.0.1', 'localhost', '[::1]'];

/** A database of its own on a PostgreSQL server, so that its processes can be told from others'. */
export class BenchDatabase {
  readonly url: string;
  readonly #serverUrl: string;
  readonly #name: string;

  private constructor(serverUrl: string, name: string) {
    const url = new URL(serverUrl);
    url.pathname = `/${name}`;
    this.url = url.href;
    this.#serverUrl = serverUrl;
    this.#name = name;
  }

  /** Needs a user that may create databases. */
  static async create(serverUrl: string): Promise<BenchDatabase> {
    const name = `trunkline_bench_${randomBytes(6).toString('hex')}`;
    await withClient(serverUrl, (client) => client.query(`create database ${name}`));
    return new BenchDatabase(serverUrl, name);
  }

  /** PostgreSQL's processes that serve this database, and those that write for all; none when it runs elsewhere. */
  async localPids(): Promise<number[]> {
    if (!LOCAL.includes(new URL(this.url).hostname)) return [];
    const { rows } = await withClient(this.#serverUrl, (client) =>
      client.query<{ pid: number }>(
        `select pid from pg_stat_activity where datname = $1
           or backend_type in ('walwriter', 'checkpointer', 'background writer')`,
        [this.#name],
      ),
    );
    return rows.map(({ pid }) => pid).filter(isPostgres);
  }

  async drop(): Promise<void> {
    await withClient(this.#serverUrl, (client) => client.query(`drop database if exists ${this.#name} with (force)`));
  }
}

// A server in a container has process ids of its own.
function isPostgres(pid: number): boolean {
  try {
    return readFileSync(`/proc/${String(pid)}/comm`, 'utf8').startsWith('postgres');
  } catch {
    return false;
  }
}

async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
