import { DataSource } from 'typeorm';
import { JobRunner } from '../../src/jobs/job-runner.js';
import { FakeOpenAi } from '../fakes/fake-openai.js';
import { startTestApp, type TestApp } from './test-app.js';

/** A job as its owner sees it. */
export interface ShownJob {
  id: string;
  status: string;
  stage: string | null;
  stages: {
    name: string;
    status: string;
    attempts: number;
    progress: { done: number; total: number };
    error?: object;
  }[];
  result?: Record<string, unknown>;
  error?: { code: string; message: string };
}

/** A collection as its owner sees it. */
export interface ShownCollection {
  id: string;
  name: string;
  embedding_model: string;
  embedding_dimensions: number | null;
  embedding_switch: { embedding_model: string; job_id: string } | null;
}

/** Two models of the fake embedder, of 1,536 and 3,072 dimensions. */
export const SMALL = 'openai/text-embedding-3-small';
export const LARGE = 'openai/text-embedding-3-large';

/** The application in front of a fake embedder, and what tests of indexing ask of it. */
export class IngestionApp {
  #collections = 0;

  private constructor(
    readonly app: TestApp,
    readonly openAi: FakeOpenAi,
  ) {}

  static async start(): Promise<IngestionApp> {
    const openAi = await new FakeOpenAi().start();
    const app = await startTestApp({
      gateway: {
        providers: { openai: { type: 'openai', base_url: openAi.url, api_keys: ['sk-fake'] } },
        models: { alias: { targets: [SMALL] } },
        defaults: { chat: 'local/extractive', embeddings: 'local/lexical-384' },
      },
    });
    return new IngestionApp(app, openAi);
  }

  /** The embedder behaves again, and has been asked nothing. */
  reset(): void {
    this.openAi.reset();
    this.app.resetProviders();
  }

  async close(): Promise<void> {
    await this.app.close();
    await this.openAi.stop();
  }

  /** A new collection; resolves to its name. */
  async makeCollection(model: string): Promise<string> {
    this.#collections += 1;
    const name = `c${String(this.#collections)}`;
    const made = await this.app.post('/v1/collections', { name, embedding_model: model });
    if (made.status !== 201) throw new Error(await made.text());
    return name;
  }

  async send(collection: string, content: string, values: object = {}): Promise<{ job: string; id: string }> {
    const response = await this.app.post('/v1/index', { source: 'a.md', collection, content, ...values });
    if (response.status !== 202) throw new Error(await response.text());
    const { job_id: job, document_id: id } = (await response.json()) as { job_id: string; document_id: string };
    return { job, id };
  }

  /** Sends a document and waits until it is indexed; resolves to its id. */
  async index(collection: string, content: string, values: object = {}): Promise<string> {
    const { job, id } = await this.send(collection, content, values);
    const over = await this.waitFor(job);
    if (over.status !== 'succeeded') throw new Error(JSON.stringify(over));
    return id;
  }

  patch(collection: string, body: object): Promise<Response> {
    return this.app.request('PATCH', `/v1/collections/${collection}`, { text: JSON.stringify(body) });
  }

  async show(collection: string): Promise<ShownCollection> {
    return (await (await this.app.get(`/v1/collections/${collection}`)).json()) as ShownCollection;
  }

  async waitFor(job: string): Promise<ShownJob> {
    return this.untilJob(job, ({ status }) => status !== 'queued' && status !== 'running');
  }

  async untilJob(id: string, accept: (job: ShownJob) => boolean): Promise<ShownJob> {
    for (;;) {
      const job = (await (await this.app.get(`/v1/jobs/${id}`)).json()) as ShownJob;
      if (accept(job)) return job;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Chunks of a collection, and its vectors by generation, when no job runs. */
  async count(collection: string): Promise<{ chunks: number; vectors: Record<string, number> }> {
    await this.app.nest.get(JobRunner).settled(5_000);
    const { id } = await this.show(collection);
    const rows = await this.query<{ generation: number; n: number }>(
      'select generation, count(*)::int as n from chunk_embedding where collection_id = $1 group by 1',
      [id],
    );
    const chunks = await this.query<{ n: number }>('select count(*)::int as n from chunk where collection_id = $1', [
      id,
    ]);
    return {
      chunks: chunks[0]?.n ?? -1,
      vectors: Object.fromEntries(rows.map(({ generation, n }) => [generation, n])),
    };
  }

  query<Row extends object>(sql: string, parameters: unknown[] = []): Promise<Row[]> {
    return this.app.nest.get(DataSource).query<Row[]>(sql, parameters);
  }

  /** The texts that the embedder was asked for. */
  inputsAsked(): string[] {
    return this.openAi.requests.flatMap(({ body }) => body.input as string[]);
  }
}

/** A text of so many chunks. */
export function longText(chunks: number): string {
  const sections = Array.from(
    { length: chunks },
    (_, n) => `# H${String(n)}\n\n${`item${String(n)} goes here. `.repeat(60)}`,
  );
  return sections.join('\n\n');
}
