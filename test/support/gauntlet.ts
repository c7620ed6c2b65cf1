import { expect } from '@jest/globals';
import { DataSource } from 'typeorm';
import { FakeOpenAi } from '../fakes/fake-openai.js';
import { type RawAnswer, rawRequest, sendRaw } from './raw-http.js';
import { type CallOptions, startTestApp, type TestApp } from './test-app.js';

/** What a refusal must say; `code` may be one of several. */
export interface Refusal {
  status: number | readonly number[];
  code: string | null | readonly (string | null)[];
  param?: string;
}

interface ErrorBody {
  error: { message: string; type: string; param: string | null; code: string | null; details?: unknown };
}

/** What no answer may say: stacks, paths, SQL, packages, keys. */
export const LEAKS = [
  /\n\s+at /,
  /node_modules|\.[jt]s\b|\/(?:home|usr|tmp|src|dist)\//,
  /\b(?:select|insert|update|delete)\b.+\b(?:from|into|set|where)\b.+[$=]/i,
  /typeorm|express|class-validator|QueryFailed|SyntaxError/i,
  /sk-fake|tl_[0-9A-Z]{24}_/,
];

/** The product with a fake provider behind it, and the assertions that hold for every bad input. */
export class Gauntlet {
  readonly #refused: string[] = [];

  private constructor(
    readonly app: TestApp,
    readonly openAi: FakeOpenAi,
    /** A key with the default scopes. */
    readonly key: string,
  ) {}

  static async start(env: Record<string, string> = {}): Promise<Gauntlet> {
    const openAi = await new FakeOpenAi().start();
    const app = await startTestApp({
      env,
      gateway: { providers: { openai: { type: 'openai', base_url: openAi.url, api_keys: ['sk-fake-canary'] } } },
    });
    return new Gauntlet(app, openAi, await app.createKey());
  }

  /** Ends everything; fails when a refused request is in the ledger. */
  async close(): Promise<void> {
    const inLedger = await this.#refusedInLedger().finally(async () => {
      await this.app.close();
      await this.openAi.stop();
    });
    expect(inLedger).toBe(0);
  }

  /** A body as text, object or bytes to a route, with the ordinary key. */
  send(path: string, body: object | string | Uint8Array, options: CallOptions = {}): Promise<Response> {
    if (body instanceof Uint8Array) return this.#sendBytes(path, body, options.headers ?? {});
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    return this.app.request('POST', path, { key: this.key, ...options, text });
  }

  #sendBytes(path: string, body: Uint8Array, headers: Record<string, string>): Promise<Response> {
    return fetch(this.app.url + path, {
      method: 'POST',
      body: Uint8Array.from(body),
      headers: { authorization: `Bearer ${this.key}`, 'content-type': 'application/json', ...headers },
    });
  }

  /** A request on a connection of its own, byte for byte as it is given, with the ordinary key. */
  raw(line: string, headers: readonly string[] = [], body = ''): Promise<RawAnswer> {
    return sendRaw(this.app.url, rawRequest(line, [`Authorization: Bearer ${this.key}`, ...headers], body));
  }

  /** Fails unless what came on the wire is the refusal. */
  expectRaw({ status, headers, body }: RawAnswer, path: string, wanted: number, code: string | null): void {
    this.checkRefusal({ path, status, headers, text: body }, { status: wanted, code });
  }

  /** Fails unless the response is the refusal, in the dialect of its route, and gives nothing away. */
  async expectRefusal(response: Response, refusal: Refusal): Promise<ErrorBody['error']> {
    const text = await response.text();
    const headers = Object.fromEntries(response.headers);
    this.checkRefusal({ path: new URL(response.url).pathname, status: response.status, headers, text }, refusal);
    return (JSON.parse(text) as ErrorBody).error;
  }

  /** The same for an answer that was read by other means. */
  checkRefusal(
    answer: { path: string; status: number; headers: Record<string, string>; text: string },
    refusal: Refusal,
  ): void {
    const { status, headers, text } = answer;
    const seen = `${String(status)} ${text.slice(0, 400)}`;
    expect([refusal.status].flat()).toContain(status);
    expect(headers['content-type']).toMatch(/^application\/json/);
    expect(headers['x-request-id']).toMatch(/^[A-Za-z0-9_-]{1,128}$/);
    expect(headers).not.toHaveProperty('x-powered-by');
    expect(headers['x-content-type-options']).toBe('nosniff');
    const body = JSON.parse(text) as ErrorBody;
    const { message, type, param, code } = body.error;
    expect([typeof message, typeof type]).toEqual(['string', 'string']);
    if (answer.path.startsWith('/v1/messages')) {
      // Anthropic's shape has no place for the code and the parameter.
      expect([seen, Object.keys(body)]).toEqual([seen, ['type', 'error', 'request_id']]);
    } else {
      expect([seen, Object.keys(body)]).toEqual([seen, ['error']]);
      expect([seen, [refusal.code].flat().includes(code)]).toEqual([seen, true]);
      if (refusal.param !== undefined) expect([seen, param]).toEqual([seen, refusal.param]);
    }
    for (const leak of LEAKS) expect(text).not.toMatch(leak);
    this.#refused.push(headers['x-request-id'] ?? '');
  }

  /** Sends a body that must be refused as described, with two seconds of work at most and with nothing else happening. */
  async refuses(path: string, body: object | string, refusal: Partial<Refusal> & Pick<Refusal, 'code'>): Promise<void> {
    const before = process.cpuUsage();
    await this.expectRefusal(await this.send(path, body), { status: 400, ...refusal });
    // How long it takes depends on who else is at work on the machine.
    expect(process.cpuUsage(before).user).toBeLessThan(2_000_000);
    await this.expectUnharmed();
  }

  /** Nothing reached the provider, nobody's prototype changed, and the next good request is answered. */
  async expectUnharmed(): Promise<void> {
    expect(this.openAi.requests.map((request) => request.path)).toEqual([]);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    const good = await this.send('/v1/chat', { model: 'local/extractive', message: 'What can you do?', store: false });
    expect([good.status, ((await good.json()) as { provider?: string }).provider]).toEqual([200, 'local']);
  }

  // The route's answer comes after the ledger's writer has written everything down.
  async #refusedInLedger(): Promise<number> {
    await this.app.get(`/v1/usage/requests/${this.#refused[0] ?? 'none'}`);
    const query = 'select count(*)::int as count from usage_request where request_id = any($1)';
    const [row] = await this.app.nest.get(DataSource).query<{ count: number }[]>(query, [this.#refused]);
    return row?.count ?? -1;
  }
}
