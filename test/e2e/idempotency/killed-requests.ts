import { setTimeout as delay } from 'node:timers/promises';
import { expect } from '@jest/globals';
import type { CrashBench } from '../../support/crash-bench.js';
import { freshKey } from './keyed-requests.js';

/** What a client has of an answer: all of it, or what came before the connection broke. */
interface Received {
  text: string;
  isWhole: boolean;
  isReplay: boolean;
}

interface Asked {
  readonly key: string;
  readonly stream: boolean;
  received: Received;
}

const PATH = '/v1/chat/completions';
const LAST_PIECE = ' word-11';
const DONE = 'data: [DONE]\n\n';

/** Requests with keys to a server that is killed under them, and what becomes of them after the next start. */
export class KilledRequests {
  readonly #bench: CrashBench;
  readonly #asked: Asked[];
  #answers: Promise<void>[] = [];

  constructor(bench: CrashBench, count: number) {
    this.#bench = bench;
    this.#asked = Array.from({ length: count }, (_, index) => ({
      key: freshKey(),
      stream: index % 2 === 0,
      received: { text: '', isWhole: false, isReplay: false },
    }));
  }

  /** How many answers have come whole. */
  get wholeCount(): number {
    return this.#asked.filter(({ received }) => received.isWhole).length;
  }

  /** How many characters have come of all answers. */
  get characters(): number {
    return this.#asked.reduce((sum, { received }) => sum + received.text.length, 0);
  }

  /** Sends all of them, and waits for none. */
  send(): void {
    this.#answers = this.#asked.map(async (asked) => {
      while (!(await this.#ask(asked, asked.received))) await delay(20);
    });
  }

  /** Kills the server, starts it anew, and lets its claims be those of a dead process. */
  async killAndRestart(): Promise<void> {
    await this.#bench.kill();
    await Promise.all(this.#answers);
    await this.#bench.buryTheDead();
    await this.#bench.restart();
  }

  /**
   * Asks for every one of them again, twice. What had come whole comes again to the byte; of the others each is whole now,
   * and the same the second time, without the provider.
   */
  async expectWholeAnswers(): Promise<void> {
    await Promise.all(this.#asked.map((asked) => this.#expectWhole(asked)));
    process.stdout.write(`${String(this.wholeCount)} of ${String(this.#asked.length)} were whole before the kill\n`);
  }

  async #expectWhole(asked: Asked): Promise<void> {
    const again = await this.#askUntilAnswered(asked);
    expect(again).toMatchObject({ isWhole: true, text: expect.stringContaining(LAST_PIECE) });
    expect(again.text.startsWith('{') || again.text.endsWith(DONE)).toBe(true);
    if (asked.received.isWhole) expect(again).toEqual({ ...asked.received, isReplay: true });
    expect(await this.#askUntilAnswered(asked)).toEqual({ ...again, isReplay: true });
  }

  async #askUntilAnswered(asked: Asked): Promise<Received> {
    const received: Received = { text: '', isWhole: false, isReplay: false };
    while (!(await this.#ask(asked, received))) await delay(20);
    return received;
  }

  /** False when the server asks to come again: the first one is in flight, or the database is busy. */
  async #ask({ key, stream }: Asked, received: Received): Promise<boolean> {
    const body = { model: 'lab/chat', stream, messages: [{ role: 'user', content: key }] };
    try {
      const response = await this.#bench.post(PATH, body, { 'idempotency-key': key });
      if (response.status === 409 || response.status === 503) {
        await response.text();
        return false;
      }
      received.isReplay = response.headers.get('idempotent-replayed') === 'true';
      const decoder = new TextDecoder();
      for await (const chunk of response.body ?? []) {
        received.text += decoder.decode(chunk as Uint8Array, { stream: true });
      }
      received.isWhole = true;
    } catch {
      // The connection broke: what has come until then stays.
    }
    return true;
  }
}
