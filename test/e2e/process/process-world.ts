import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { request as openRequest, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { CrashBench } from '../../support/crash-bench.js';
import { LogPipe } from '../../support/log-pipe.js';
import type { ServerProcessOptions } from '../../support/server-process.js';

const FAULTS = new URL('../../support/injected-faults.mjs', import.meta.url);
const MESSAGES = [{ role: 'user', content: 'Hello' }];

/** A line of the log. */
export type LogLine = Record<string, unknown> & { level: string; time: string; msg: string };

/** The ways to ask for a stream. */
export const STREAMS: readonly (readonly [path: string, body: object])[] = [
  ['/v1/chat/completions', { stream: true, messages: MESSAGES }],
  ['/v1/messages', { stream: true, messages: MESSAGES, max_tokens: 50 }],
  ['/v1/responses', { stream: true, input: 'Hello', store: false }],
  ['/v1/completions', { stream: true, prompt: 'Hello' }],
  ['/v1/chat/stream', { messages: MESSAGES, store: false }],
];

/** A file on its way. */
interface Upload {
  /** The status of the answer. */
  readonly status: Promise<number | undefined>;
  /** Sends the rest. */
  readonly finish: () => Promise<number | undefined>;
}

/** One server process after the other over the same database, and what is asked of them. */
export class ProcessWorld {
  readonly bench = new CrashBench();
  readonly directory = mkdtempSync(join(tmpdir(), 'trunkline-process-'));
  readonly log = new LogPipe(this.directory);
  #logged = '';

  get url(): string {
    return this.bench.server.url;
  }

  get headers(): Record<string, string> {
    return { authorization: `Bearer ${this.bench.key}`, 'content-type': 'application/json' };
  }

  /** The first process, and all that the others find. */
  async open(variables: Record<string, string>): Promise<void> {
    await this.bench.open(undefined, { variables: this.#variables(variables), options: { stdout: this.log.fd } });
    this.bench.provider.reset();
    await this.logged('request');
  }

  /** The next process. */
  async start(variables: Record<string, string>, options: ServerProcessOptions = {}): Promise<void> {
    await this.bench.restart(this.#variables(variables), { stdout: this.log.fd, ...options });
  }

  #variables(variables: Record<string, string>): Record<string, string> {
    return { LOG_LEVEL: 'info', NODE_OPTIONS: `--import=${fileURLToPath(FAULTS)}`, ...variables };
  }

  async close(): Promise<void> {
    await this.bench.close();
    this.log.close();
    rmSync(this.directory, { recursive: true, force: true });
  }

  /** What was logged since the last time; the last line may still be on its way. */
  readLog(): LogLine[] {
    this.#logged += this.log.read();
    const end = this.#logged.lastIndexOf('\n') + 1;
    const lines = this.#logged.slice(0, end).split('\n').slice(0, -1);
    this.#logged = this.#logged.slice(end);
    return lines.map((line) => JSON.parse(line) as LogLine);
  }

  /** Lines of the log from now on, until `count` of them say `msg`. */
  async logged(msg: string, count = 1): Promise<LogLine[]> {
    const lines: LogLine[] = [];
    await until(() => {
      lines.push(...this.readLog());
      return lines.filter((line) => line.msg === msg).length >= count;
    });
    return lines;
  }

  get(path: string): Promise<Response> {
    return fetch(`${this.url}${path}`, { headers: { ...this.headers, connection: 'close' } });
  }

  /** The value of a series without labels. */
  async metric(name: string): Promise<number> {
    const text = await (await this.get('/metrics')).text();
    return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1] ?? 0);
  }

  /** Streams that have begun, the surfaces by turns. */
  openStreams(count: number): Promise<Response[]> {
    return Promise.all(
      Array.from({ length: count }, (_, index) => {
        const [path, body] = STREAMS[index % STREAMS.length] ?? ['', {}];
        return this.bench.post(path, { model: 'patient', ...body });
      }),
    );
  }

  /** A file that is half sent. */
  async beginUpload(name: string): Promise<Upload> {
    const edge = 'edge-of-a-part';
    const head = `--${edge}\r\ncontent-disposition: form-data; name="file"; filename="${name}"\r\ncontent-type: text/plain\r\n\r\n`;
    const request = openRequest(`${this.url}/v1/documents`, {
      method: 'POST',
      headers: { ...this.headers, 'content-type': `multipart/form-data; boundary=${edge}`, expect: '100-continue' },
    });
    const status = once(request, 'response').then(([response]: IncomingMessage[]) => {
      response?.resume();
      return response?.statusCode;
    });
    status.catch(() => undefined);
    // A server that has answered closes the connection, whatever is still to be sent.
    request.on('error', () => undefined);
    request.write(`${head}The first half of ${name}, `);
    // The server asks for the rest once it has taken the head.
    await once(request, 'continue');
    return {
      status,
      finish: () => {
        request.end(`and the other half.\r\n--${edge}--\r\n`);
        return status;
      },
    };
  }

  /** A batch of chats in the official form; resolves to its id. */
  async beginBatch(lines: number): Promise<string> {
    const body = { model: 'patient', messages: MESSAGES };
    const line = (index: number): string =>
      JSON.stringify({ custom_id: `line-${String(index)}`, method: 'POST', url: '/v1/chat/completions', body });
    const form = new FormData();
    form.set('purpose', 'batch');
    form.set('file', new Blob([Array.from({ length: lines }, (_, index) => line(index)).join('\n')]), 'in.jsonl');
    const { authorization = '' } = this.headers;
    const sent = await fetch(`${this.url}/v1/files`, { method: 'POST', headers: { authorization }, body: form });
    const { id } = (await sent.json()) as { id: string };
    const made = await this.bench.post('/v1/batches', {
      input_file_id: id,
      endpoint: '/v1/chat/completions',
      completion_window: '24h',
    });
    return ((await made.json()) as { id: string }).id;
  }
}

/** Asks again and again; the test's own time limit ends it. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await delay(20);
}
