import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import type { TestApp } from '../../support/test-app.js';
import { type Answer, type ClientDialect, type Read, readWire, type WireAnswer } from './answer.js';

const UNREAD: Read = { text: '', thrown: null, finishReason: null };

/** The official clients, which do not try again here. */
export interface Officials {
  openai: OpenAI;
  anthropic: Anthropic;
}

type Fetch = typeof fetch;

/** Asks the application: by the official client where there is one, by plain HTTP elsewhere. */
export class Client {
  readonly app: TestApp;

  constructor(app: TestApp) {
    this.app = app;
  }

  /** Runs one call of an official client, and gives what stood on the wire as well. */
  async official(dialect: ClientDialect, read: (clients: Officials, result: Read) => Promise<void>): Promise<Answer> {
    const startedAt = performance.now();
    const result: Read = { ...UNREAD };
    const wires: Promise<WireAnswer>[] = [];
    const record: Fetch = async (url, init) => {
      // The clients abort a stream at its error frame; what follows on the wire is of interest here.
      const response = await fetch(url, { ...init, signal: null });
      wires.push(readWire(dialect, response.clone()));
      return response;
    };
    try {
      await read(this.#clients(record), result);
    } catch (thrown) {
      result.thrown = thrown;
    }
    const wire = await wires[0];
    if (!wire) throw result.thrown;
    return { ...result, ...wire, durationMs: performance.now() - startedAt };
  }

  /** Asks by plain HTTP; `read` sees only what was answered with 200. */
  async plain(path: string, body: object, read: (wire: string) => Partial<Read>): Promise<Answer> {
    const startedAt = performance.now();
    const answer = await readWire('native', await this.app.post(path, body));
    const isReadable = answer.status === 200;
    return {
      ...UNREAD,
      ...(isReadable ? read(answer.wire) : {}),
      ...answer,
      durationMs: performance.now() - startedAt,
    };
  }

  #clients(recorder: Fetch): Officials {
    const { url, adminKey: apiKey } = this.app;
    const options = { apiKey, maxRetries: 0, fetch: recorder };
    return {
      openai: new OpenAI({ baseURL: `${url}/v1`, ...options }),
      anthropic: new Anthropic({ baseURL: url, ...options }),
    };
  }
}
