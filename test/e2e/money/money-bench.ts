import { randomUUID } from 'node:crypto';
import { countChatTokens, countEmbeddingTokens } from '../../../src/tokens/count-tokens.js';
import type { EmbeddingInput } from '../../../src/core/embedding/embedding-request.js';
import { parseChatRequest } from '../../../src/dialects/openai-chat/parse-chat-request.js';
import { parseResponsesRequest } from '../../../src/dialects/openai-responses/parse-responses-request.js';
import { withEarlierItems } from '../../../src/dialects/openai-responses/with-earlier-items.js';
import { FakeOpenAi } from '../../fakes/fake-openai.js';
import { FakeReranker } from '../../fakes/fake-reranker.js';
import { FakeMedia } from '../../fakes/openai-media/fake-media.js';
import type { ScriptedReply } from '../../fakes/scripted-reply.js';
import type { ServedRequest } from '../../fakes/served-request.js';
import { createTestSchema, dropTestSchema, type TestDatabase, withClient } from '../../support/database.js';
import { ChatSocketLimits } from '../../../src/chat-api/websocket/chat-socket-limits.js';
import { ChatSocketClient } from '../../support/chat-socket.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';
import type { MeteredRoute } from './metered-routes.js';

const WAIT_MS = 20_000;
const OUTPUT_TOKENS = 20;
const UNIT_PRICES = {
  'media/painter': { input: 0, output: 0, per_image: 0.02 },
  'media/speaker': { input: 0, output: 0, per_character: 0.00001 },
  'media/whisper-1': { input: 0, output: 0, per_audio_input_second: 0.0002 },
  'media/judge': { input: 1, output: 1 },
  'reranker/r': { input: 0, output: 0, per_search: 0.002 },
};
const TEXT = 'The bar-tailed godwit flies 11,000 kilometres without a stop.';

export interface KeyTerms {
  models?: string[];
  limits?: { requests_per_minute?: number; tokens_per_minute?: number; concurrency?: number };
  budgets?: { window: string; amount_usd: number; model?: string }[];
}

export interface TestKey {
  id: string;
  key: string;
}

/** How the budgets of a key stand, in USD with ten places, with what the ledger has of them. */
interface Standing {
  spent: string;
  reserved: string;
  overage: string;
  charges: number;
  charged: string;
}

/** What became of one request. */
export interface Answer {
  /** The error's code; null for an answer that came whole. */
  code: string | null;
  status: number;
  headers: Headers;
}

/** Replicas of the application over one database, between keys with limits and budgets and a fake of a paid vendor. */
export class MoneyBench {
  readonly openAi = new FakeOpenAi();
  /** A vendor of the same, which fails first in the model `fallback`. */
  readonly shaky = new FakeOpenAi();
  readonly media = new FakeMedia();
  readonly reranker = new FakeReranker();
  apps: TestApp[] = [];
  #database: TestDatabase | null = null;
  #projectId = '';
  #sequence = 0;

  get app(): TestApp {
    const [app] = this.apps;
    if (!app) throw new Error('The bench has not been started.');
    return app;
  }

  /** Requests that came to the vendors that answer. */
  get calls(): number {
    return this.openAi.requests.length + this.media.requests.length + this.reranker.calls.length;
  }

  async start(replicas = 1): Promise<void> {
    await Promise.all(this.#fakes().map((fake) => fake.start()));
    const database = await createTestSchema();
    this.#database = database;
    for (let replica = 0; replica < replicas; replica += 1) {
      const app = await startTestApp({ gateway: this.#gateway(), database });
      Object.assign(app.nest.get(ChatSocketLimits), { socketsPerKey: 1_000 });
      this.apps.push(app);
    }
    const project = await this.app.post('/admin/projects', { name: 'money' });
    this.#projectId = ((await project.json()) as { id: string }).id;
    await this.#indexDocuments();
  }

  async stop(): Promise<void> {
    for (const app of this.apps) await app.close();
    await Promise.all(this.#fakes().map((fake) => fake.stop()));
    if (this.#database) await dropTestSchema(this.#database);
  }

  /** The fakes forget what they were told; from now on they report what the gateway counts, and answer as long as they may. */
  reset(): void {
    this.media.reset();
    this.reranker.reset();
    for (const fake of [this.openAi, this.shaky]) {
      fake.reset();
      fake.reply(exactReply).forever();
    }
    for (const app of this.apps) app.resetProviders();
  }

  async createKey(terms: KeyTerms): Promise<TestKey> {
    const made = await this.app.post('/admin/keys', { name: 'spender', project_id: this.#projectId, ...terms });
    if (made.status !== 201) throw new Error(await made.text());
    return (await made.json()) as TestKey;
  }

  /** Sends a request to a route, on one of the replicas in turn, and reads all of the answer. */
  async send(name: string, route: MeteredRoute, { key }: TestKey, signal?: AbortSignal): Promise<Answer> {
    this.#sequence += 1;
    const index = this.#sequence;
    const app = this.apps[index % this.apps.length] ?? this.app;
    if (route.isSocket === true) return sendOverSocket(app.url, key, route.body(index));
    const headers: Record<string, string> = route.isKeyed === true ? { 'idempotency-key': randomUUID() } : {};
    const path = name.replace('POST ', '');
    const response = await (route.file
      ? postForm(app, { path, fields: route.body(index), file: route.file, key, headers })
      : app.post(path, route.body(index), { key, headers, signal }));
    const text = await response.text();
    const { status, headers: answered } = response;
    return { code: anthropicCode(text) ?? codeOf(text, route.isStream === true), status, headers: answered };
  }

  /** What one request to the route has reserved where money is so short that it is counted: USD. */
  async reservationOf(name: string, route: MeteredRoute): Promise<string> {
    const ampleUsd = await this.#reservedOf(name, route, 1_000);
    return this.#reservedOf(name, route, Number(ampleUsd) * 5);
  }

  #fakes(): { start(): Promise<unknown>; stop(): Promise<void> }[] {
    return [this.openAi, this.shaky, this.media, this.reranker];
  }

  async #reservedOf(name: string, route: MeteredRoute, amountUsd: number): Promise<string> {
    const key = await this.createKey({ budgets: [{ window: 'total', amount_usd: Number(amountUsd.toFixed(10)) }] });
    const { code } = await this.send(name, route, key);
    if (code !== null) throw new Error(`${name} answered ${code}.`);
    await this.standing(key, (standing) => standing.charges > 0);
    const [row] = await this.query<{ reserved: string }>(
      `select sum(charge.reserved_usd) as reserved from usage_charge charge join budget on budget.id = charge.budget_id
        where budget.key_id = $1`,
      [key.id],
    );
    return row?.reserved ?? '';
  }

  /** The standing of a key's budgets at rest: with nothing reserved, and as `accepts` wants it. */
  async standing({ id }: TestKey, accepts: (standing: Standing) => boolean = () => true): Promise<Standing> {
    const giveUpAt = performance.now() + WAIT_MS;
    for (;;) {
      const standing = await this.#standing(id);
      if (Number(standing.reserved) === 0 && accepts(standing)) return standing;
      if (performance.now() > giveUpAt) throw new Error(`The budgets find no rest: ${JSON.stringify(standing)}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  query<T>(sql: string, parameters: unknown[]): Promise<T[]> {
    const database = this.#database;
    if (!database) throw new Error('The bench has not been started.');
    return withClient(database, async (client) => (await client.query(sql, parameters)).rows as T[]);
  }

  async #standing(keyId: string): Promise<Standing> {
    const [row] = await this.query<Standing>(
      `select sum(spent_usd)::text as spent, sum(reserved_usd)::text as reserved, sum(overage_usd)::text as overage,
              sum(charges)::int as charges, sum(charged)::text as charged
         from (select spent_usd, reserved_usd, overage_usd,
                      (select count(*) from usage_charge charge
                        where charge.budget_id = period.budget_id and charge.period_start = period.period_start) as charges,
                      (select coalesce(sum(charge.spent_usd), 0) from usage_charge charge
                        where charge.budget_id = period.budget_id and charge.period_start = period.period_start) as charged
                 from budget_period period join budget on budget.id = period.budget_id
                where budget.key_id = $1) as periods`,
      [keyId],
    );
    return row ?? { spent: '', reserved: '', overage: '', charges: 0, charged: '' };
  }

  #gateway(): object {
    return {
      providers: {
        openai: { type: 'openai', base_url: this.openAi.url, api_keys: ['sk-fake'] },
        shaky: { type: 'openai-compatible', base_url: this.shaky.url, api_keys: ['sk-fake'] },
        media: { type: 'openai-compatible', base_url: this.media.url, api_keys: ['sk-fake'] },
        reranker: { type: 'cohere', base_url: this.reranker.origin, api_keys: ['co-fake'] },
      },
      models: {
        money: { targets: ['openai/gpt-4o-mini'] },
        'money-vectors': { kind: 'embeddings', targets: ['openai/text-embedding-3-small'] },
        fallback: { targets: ['shaky/gpt', 'openai/gpt-4o-mini'] },
        impatient: {
          targets: ['shaky/gpt', 'openai/gpt-4o-mini'],
          // Long enough for the second target on a machine that is busy.
          timeouts: { first_content_ms: 1_500, response_head_ms: 1_500 },
        },
      },
      prices: { 'shaky/gpt': { input: 1, output: 3 }, ...UNIT_PRICES },
      budgets: { default_output_tokens: OUTPUT_TOKENS },
    };
  }

  // For the routes that read: one collection whose vectors cost nothing, one whose vectors do.
  async #indexDocuments(): Promise<void> {
    this.reset();
    const { key } = await this.createKey({});
    await this.app.post('/v1/collections', { name: 'paid', embedding_model: 'money-vectors' }, { key });
    for (const collection of ['default', 'paid']) {
      const indexed = await this.app.post('/v1/index', { source: 'godwits.md', content: TEXT, collection }, { key });
      const { job_id: job } = (await indexed.json()) as { job_id: string };
      const { status, error } = await this.app.waitForJob(job, { key });
      if (status !== 'succeeded') throw new Error(`The documents were not indexed: ${JSON.stringify(error)}`);
    }
  }
}

/** An answer as long as it may be, with a usage that is the gateway's own count of the request. */
export function exactReply({ route, body }: ServedRequest): ScriptedReply {
  if (route === 'POST /v1/embeddings') {
    const inputs = (Array.isArray(body.input) ? body.input : [body.input]) as EmbeddingInput[];
    return { usage: { input: countEmbeddingTokens({ model: '', inputs }) } };
  }
  const limit = Number(body.max_completion_tokens ?? body.max_tokens ?? body.max_output_tokens);
  const isResponse = route === 'POST /v1/responses';
  const asked = isResponse ? withEarlierItems(parseResponsesRequest(body), []) : parseChatRequest(body);
  const input = countChatTokens(asked);
  const yes = Array.from({ length: limit }, () => ' yes');
  // As long, and JSON.
  const pieces = body.response_format ? ['{}', ...yes.slice(1).map(() => ' ')] : yes;
  return { pieces, usage: { input, output: limit } };
}

async function postForm(
  app: TestApp,
  request: {
    path: string;
    fields: object;
    file: Uint8Array<ArrayBuffer>;
    key: string;
    headers: Record<string, string>;
  },
): Promise<Response> {
  const { path, fields, file, key, headers } = request;
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.set(name, String(value));
  form.set('file', new File([file], 'godwit.wav', { type: 'audio/wav' }));
  return fetch(app.url + path, {
    method: 'POST',
    body: form,
    headers: { authorization: `Bearer ${key}`, ...headers },
  });
}

async function sendOverSocket(url: string, key: string, body: object): Promise<Answer> {
  const client = await ChatSocketClient.open(url, key);
  const end = await client.ask('a', body);
  await client.close();
  const { error, request_id: requestId, should_retry: shouldRetry, retry_after_ms: waitMs } = end;
  const headers = new Headers({ 'x-request-id': String(requestId ?? client.frames[0]?.request_id) });
  if (shouldRetry === false) headers.set('x-should-retry', 'false');
  if (waitMs !== undefined) headers.set('retry-after', String(Math.ceil(Number(waitMs) / 1_000)));
  return { code: error?.code ?? null, status: error ? Number(end.status) : 200, headers };
}

// Anthropic's errors have no codes, and types that stand for several of ours.
function anthropicCode(text: string): string | null {
  const type = /"type":\s*"(rate_limit_error|permission_error)"/.exec(text)?.[1];
  if (type === 'permission_error') return 'model_not_allowed';
  if (type === undefined) return null;
  return /budget/i.test(text) ? 'insufficient_quota' : 'rate_limit_exceeded';
}

function codeOf(text: string, isStream: boolean): string | null {
  const code = /"code":\s*"([a-z_]+)"/.exec(text)?.[1] ?? null;
  if (code !== null || !isStream) return code;
  return /\[DONE\]|event: (?:message_stop|response\.completed|response\.incomplete)\n/.test(text) ? null : 'unfinished';
}
