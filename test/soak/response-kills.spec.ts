import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CrashBench } from '../support/crash-bench.js';
import { seededRandom, soakSeed } from '../support/soak-seed.js';

const KILLS = 5;
const AT_ONCE = 6;
const PIECES = Array.from({ length: 12 }, (_, index) => ` word-${String(index)}`);
const EVENT_MS = 80;

interface Response {
  id: string;
  status: string;
  error: { message: string } | null;
  output: { content: { text: string }[] }[];
}

interface Event {
  type: string;
  sequence_number: number;
  response?: Response;
}

describe('a server that is killed again and again while it answers in the background', () => {
  const bench = new CrashBench();
  const random = seededRandom(soakSeed());

  beforeAll(async () => {
    await bench.open();
    bench.provider.reset();
    bench.provider.reply({ pieces: PIECES, eventDelayMs: EVENT_MS }).forever();
  });
  afterAll(() => bench.close());

  async function create(isStreamed: boolean): Promise<string> {
    const body = { model: 'lab/chat', input: 'Count.', background: true, max_output_tokens: 50 };
    if (!isStreamed) return ((await (await bench.post('/v1/responses', body)).json()) as Response).id;
    const stream = await bench.post('/v1/responses', { ...body, stream: true });
    const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader();
    const first = await reader?.read();
    // Nobody reads on: the answer is made all the same.
    await reader?.cancel();
    return /"id":"(resp_[0-9A-Z]+)"/.exec(first?.value ?? '')?.[1] ?? '';
  }

  async function endOf(id: string): Promise<Response> {
    for (;;) {
      const response = (await (await bench.get(`/v1/responses/${id}`)).json()) as Response;
      if (response.status !== 'queued' && response.status !== 'in_progress') return response;
      await delay(100);
    }
  }

  async function eventsOf(id: string): Promise<Event[]> {
    const text = await (await bench.get(`/v1/responses/${id}?stream=true`)).text();
    return [...text.matchAll(/^data: (.*)$/gm)].map((match) => JSON.parse(match[1] ?? '') as Event);
  }

  it(`loses no response, and says of each how it ended, over ${String(KILLS)} kills`, async () => {
    const ends = new Map<string, number>();
    for (let kill = 0; kill < KILLS; kill += 1) {
      const kinds = Array.from({ length: AT_ONCE }, (_, index) => index % 2 === 0);
      const ids = await Promise.all(kinds.map(create));
      expect(ids.filter((id) => !id.startsWith('resp_'))).toEqual([]);
      await delay(random() * 1_200);
      await bench.kill();
      await bench.restart();
      await bench.buryTheDead();
      for (const [index, id] of ids.entries()) {
        const response = await endOf(id);
        ends.set(response.status, (ends.get(response.status) ?? 0) + 1);
        expect(['completed', 'failed']).toContain(response.status);
        if (response.status === 'completed') expect(response.output.at(-1)?.content[0]?.text).toBe(PIECES.join(''));
        else expect(kinds[index]).toBe(true);
        if (kinds[index] !== true) continue;
        const events = await eventsOf(id);
        expect(events.map(({ sequence_number: number }) => number)).toEqual(events.map((_, place) => place));
        expect(events.at(-1)).toMatchObject({ type: `response.${response.status}`, response: { id } });
      }
    }
    process.stdout.write(`${JSON.stringify(Object.fromEntries(ends))}\n`);
    expect(await bench.problems()).toEqual([]);
  }, 900_000);
});
