import { FakeReranker } from '../../fakes/fake-reranker.js';
import { FakeMedia } from '../../fakes/openai-media/fake-media.js';
import { FakeOpenAi } from '../../fakes/fake-openai.js';
import { LEAKS } from '../../support/gauntlet.js';
import { ApiDocument, type Operation, type RawDocument } from '../../support/openapi/api-document.js';
import { type ApiRequest, ArbitraryRequests } from '../../support/openapi/arbitrary-requests.js';
import { AnswerChecker } from '../../support/openapi/check-answer.js';
import { makeOneOfEach } from '../../support/openapi/one-of-each.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';
import { startCanaries, type WebHost } from '../../support/web-host.js';
import { hintsFor } from './hints.js';

/** What the model answers is not the request's mistake. */
export const MODELS_MISTAKES = /"(?:output_schema_mismatch|unsupported_capability)"/;
const MOST_CPU_MICROSECONDS = 2_000_000;

/** What came back. */
export interface FuzzAnswer {
  status: number;
  text: string;
  /** Everything that is wrong with it; empty when nothing is. */
  problems: string[];
}

/** The application with every kind of provider behind it, and canaries that nobody may call. */
export class FuzzWorld {
  readonly openAi = new FakeOpenAi();
  readonly media = new FakeMedia();
  readonly reranker = new FakeReranker();
  readonly canaries: WebHost[] = [];
  #app: TestApp | null = null;
  #requests: ArbitraryRequests | null = null;
  #checker: AnswerChecker | null = null;

  get app(): TestApp {
    return this.#app ?? notStarted();
  }

  get requests(): ArbitraryRequests {
    return this.#requests ?? notStarted();
  }

  /** Those that take one request and give one answer. */
  get operations(): readonly Operation[] {
    return this.requests.document.operations.filter(({ path }) => path !== '/v1/chat/ws');
  }

  async start(env: Record<string, string> = {}): Promise<void> {
    await Promise.all([this.openAi.start(), this.media.start(), this.reranker.start()]);
    this.canaries.push(...(await startCanaries()));
    this.#app = await startTestApp({
      env: { TRUNKLINE_SECRET: 'a secret of the tests, long enough for it', ...env },
      gateway: {
        providers: {
          openai: { type: 'openai', base_url: this.openAi.url, api_keys: ['sk-fake-canary'] },
          media: { type: 'openai-compatible', base_url: this.media.url, api_keys: ['sk-fake-media'] },
          cohere: { type: 'cohere', base_url: this.reranker.origin, api_keys: ['sk-fake-cohere'] },
        },
        models: { 'omni-moderation-latest': { targets: ['media/omni-moderation-latest'] } },
        defaults: { chat: 'local/extractive', rerank: 'cohere/rerank-v3.5' },
      },
    });
    const ids = await makeOneOfEach(this.app, this.app.adminKey, 'fuzzed', 'fuzzed-notes');
    const document = new ApiDocument((await (await this.app.get('/openapi.json')).json()) as RawDocument);
    this.#requests = new ArbitraryRequests(document, hintsFor(ids));
    this.#checker = new AnswerChecker(document);
  }

  /** Closes all of it; the number of visits to canaries. */
  async stop(): Promise<number> {
    const visits = this.canaries.reduce((sum, { connections }) => sum + connections, 0);
    await Promise.all(this.canaries.map((canary) => canary.stop()));
    await this.#app?.close();
    await Promise.all([this.openAi.stop(), this.media.stop(), this.reranker.stop()]);
    return visits;
  }

  async send(operation: Operation, request: ApiRequest): Promise<FuzzAnswer> {
    const asked = this.#upstreamRequests();
    const before = process.cpuUsage();
    const { method, path, headers } = request;
    const response = await fetch(this.app.url + path, {
      ...{ method, redirect: 'manual', headers: { authorization: `Bearer ${this.app.adminKey}`, ...headers } },
      body: method === 'GET' ? undefined : toBody(request.body),
    });
    const text = await response.text();
    const problems = [
      ...this.#problemsOf(operation, response, text),
      ...(process.cpuUsage(before).user > MOST_CPU_MICROSECONDS ? ['It took more than two seconds of work.'] : []),
    ];
    const isRefused = response.status >= 400 && response.status < 500 && !MODELS_MISTAKES.test(text);
    if (isRefused && this.#upstreamRequests() > asked) problems.push('A provider was asked for what is refused.');
    return { status: response.status, text, problems };
  }

  #problemsOf(operation: Operation, response: Response, text: string): string[] {
    const { status, headers } = response;
    const problems = headProblems(operation, headers);
    if (status >= 500) problems.push(`${String(status)} ${text.slice(0, 300)}`);
    const leak = status >= 400 ? LEAKS.find((each) => each.test(text)) : undefined;
    if (leak) problems.push(`It gives away ${String(leak)}: ${text.slice(0, 300)}`);
    const misfit = this.#checker?.check(operation, status, headers.get('content-type') ?? '', text) ?? null;
    if (misfit !== null) problems.push(`${misfit} ${text.slice(0, 300)}`);
    return problems;
  }

  #upstreamRequests(): number {
    return this.openAi.requests.length + this.media.requests.length + this.reranker.calls.length;
  }
}

function headProblems(operation: Operation, headers: Headers): string[] {
  const isPrivate = headers.get('cache-control')?.includes('no-store') === true;
  return [
    ...(/^[A-Za-z0-9_-]{1,128}$/.test(headers.get('x-request-id') ?? '') ? [] : ['It has no request id.']),
    ...(headers.get('x-content-type-options') === 'nosniff' ? [] : ['Its type may be guessed at.']),
    ...(headers.has('x-powered-by') ? ['It says what serves it.'] : []),
    ...(operation.needsKey && !isPrivate ? ['It may be cached.'] : []),
  ];
}

function toBody(body: ApiRequest['body']): string | FormData | undefined {
  if (body === null || typeof body === 'string') return body ?? undefined;
  const form = new FormData();
  for (const [name, value] of Object.entries(body)) {
    if (value === undefined) continue;
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    if (name === 'file') form.set(name, new Blob([text]), 'a.txt');
    else form.set(name, text);
  }
  return form;
}

function notStarted(): never {
  throw new Error('The world has not been started.');
}
