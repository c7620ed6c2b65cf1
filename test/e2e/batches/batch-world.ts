import OpenAI from 'openai';
import { DataSource } from 'typeorm';
import { WebhookDispatcher } from '../../../src/jobs/webhooks/webhook-dispatcher.service.js';
import { FakeAnthropic } from '../../fakes/fake-anthropic.js';
import { FakeOpenAi } from '../../fakes/fake-openai.js';
import { FakeMedia } from '../../fakes/openai-media/fake-media.js';
import { FakeToolServer } from '../../fakes/fake-tool-server.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';

/** A batch as its maker sees it. */
export interface ShownBatch {
  id: string;
  status: string;
  job_id: string;
  output_file_id?: string;
  error_file_id?: string;
  request_counts: { total: number; completed: number; failed: number };
  errors?: { data: { code: string; line: number | null; message: string; param: string | null }[] };
  usage: { input_tokens: number; output_tokens: number };
  cost_usd: number;
  webhook?: { id: string; secret?: string };
  webhook_id?: string;
  cancelled_at?: number;
}

/** A result as it stands in a file. */
export interface ResultLine {
  id: string;
  custom_id: string;
  response: { status_code: number; request_id: string; body: Record<string, unknown> } | null;
  error: { code: string; message: string } | null;
}

/** Whoever waits so long waits for ever; a busy machine may take its time. */
const WAIT_MS = 50_000;

/** The application with fakes of two vendors and a receiver of webhooks. */
export class BatchWorld {
  readonly openAi = new FakeOpenAi();
  readonly anthropic = new FakeAnthropic();
  readonly media = new FakeMedia();
  readonly receiver = new FakeToolServer();
  #app: TestApp | null = null;

  get app(): TestApp {
    if (!this.#app) throw new Error('The world has not been started.');
    return this.#app;
  }

  async start(env: Record<string, string> = {}): Promise<void> {
    await Promise.all([this.openAi.start(), this.anthropic.start(), this.media.start(), this.receiver.start()]);
    this.#app = await startTestApp({
      gateway: {
        providers: {
          lab: { type: 'openai-compatible', base_url: this.openAi.url, api_keys: ['sk-lab'] },
          judge: { type: 'openai-compatible', base_url: this.media.url, api_keys: ['sk-judge'] },
          claude: { type: 'anthropic', base_url: this.anthropic.url, api_keys: ['sk-claude'] },
        },
        prices: { 'lab/chat': { input: 1, output: 2 }, 'lab/vectors': { input: 1, output: 0 } },
      },
      env: {
        TRUNKLINE_SECRET: 'a secret of the tests, long enough for it',
        EGRESS_ALLOW: '127.0.0.1/32',
        BATCH_CONCURRENCY: '4',
        ...env,
      },
    });
  }

  async stop(): Promise<void> {
    await this.#app?.close();
    await Promise.all([this.openAi.stop(), this.anthropic.stop(), this.media.stop()]);
    this.receiver.stop();
  }

  client(key = this.app.adminKey): OpenAI {
    return new OpenAI({ baseURL: `${this.app.url}/v1`, apiKey: key, maxRetries: 0 });
  }

  /** A batch with its requests in the body. */
  async create(requests: object[], more: object = {}, key?: string): Promise<ShownBatch> {
    const made = await this.app.post('/v1/batches', { requests, ...more }, { key });
    if (made.status !== 200) throw new Error(`${String(made.status)} ${await made.text()}`);
    return (await made.json()) as ShownBatch;
  }

  /** A file of lines, uploaded as it is. */
  async upload(content: string | Uint8Array<ArrayBuffer>, key = this.app.adminKey): Promise<string> {
    const form = new FormData();
    form.append('purpose', 'batch');
    form.append('file', new Blob([content]), 'input.jsonl');
    const headers = { authorization: `Bearer ${key}` };
    const response = await fetch(`${this.app.url}/v1/files`, { method: 'POST', body: form, headers });
    if (response.status !== 200) throw new Error(await response.text());
    return ((await response.json()) as { id: string }).id;
  }

  /** What becomes of a batch of a file. */
  async runFile(content: string | Uint8Array<ArrayBuffer>, endpoint = '/v1/chat/completions'): Promise<ShownBatch> {
    const body = { input_file_id: await this.upload(content), endpoint, completion_window: '24h' };
    const made = await this.app.post('/v1/batches', body);
    return this.untilOver(((await made.json()) as ShownBatch).id);
  }

  async show(id: string, key?: string): Promise<ShownBatch> {
    return (await (await this.app.get(`/v1/batches/${id}`, { key })).json()) as ShownBatch;
  }

  /** Asks for a batch until it is as wanted. */
  async until(id: string, accept: (batch: ShownBatch) => boolean, key?: string): Promise<ShownBatch> {
    const giveUpAt = performance.now() + WAIT_MS;
    for (;;) {
      const batch = await this.show(id, key);
      if (accept(batch)) return batch;
      if (performance.now() > giveUpAt) throw new Error(`The batch is still ${JSON.stringify(batch)}.`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  untilOver(id: string, key?: string): Promise<ShownBatch> {
    return this.until(id, ({ status }) => ['completed', 'failed', 'expired', 'cancelled'].includes(status), key);
  }

  async results(id: string, key?: string): Promise<ResultLine[]> {
    return toLines(await (await this.app.get(`/v1/batches/${id}/results`, { key })).text());
  }

  async content(fileId: string): Promise<ResultLine[]> {
    return toLines(await (await this.app.get(`/v1/files/${fileId}/content`)).text());
  }

  /** Lets all webhooks that are due be tried, until nothing is on its way. */
  async deliver(): Promise<void> {
    const dispatcher = this.app.nest.get(WebhookDispatcher);
    await dispatcher.look();
    await dispatcher.idle();
  }

  sql<T = unknown>(statement: string, parameters: unknown[] = []): Promise<T> {
    return this.app.nest.get(DataSource).query<T>(statement, parameters);
  }
}

/** Results as objects. */
export function toLines(text: string): ResultLine[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as ResultLine);
}

/** A request that the fake of OpenAI answers. */
export function chatLine(customId: string, content = `Say ${customId}`): object {
  return {
    custom_id: customId,
    method: 'POST',
    url: '/v1/chat/completions',
    body: { model: 'lab/chat', max_tokens: 20, messages: [{ role: 'user', content }] },
  };
}

/** Lines as a file. */
export function toFile(lines: readonly object[]): string {
  return lines.map((line) => JSON.stringify(line)).join('\n');
}
