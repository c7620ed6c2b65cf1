import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CrashBench } from '../support/crash-bench.js';
import { seededRandom, soakSeed } from '../support/soak-seed.js';

const KILLS = 10;
const WRITERS = 4;
const WHOLE = Array.from({ length: 12 }, (_, index) => ` word-${String(index)}`).join('');

interface Stored {
  turn: number;
  role: string;
  status: string;
  content: string | null;
}

describe('a conversation whose server is killed again and again', () => {
  const bench = new CrashBench();
  const random = seededRandom(soakSeed());

  beforeAll(() => bench.open());
  afterAll(() => bench.close());

  async function messages(id: string): Promise<Stored[]> {
    const all: (Stored & { id: string })[] = [];
    for (let after = ''; ;) {
      const page = await bench.get(`/v1/conversations/${id}/messages?order=asc&limit=100${after}`);
      const { data, has_more: hasMore } = (await page.json()) as { data: typeof all; has_more: boolean };
      all.push(...data);
      if (!hasMore) return all;
      after = `&after=${data.at(-1)?.id ?? ''}`;
    }
  }

  /** Says one thing; true when the client got the whole answer. */
  async function say(id: string, message: string): Promise<boolean> {
    try {
      const body = { model: 'lab/chat', message, conversation_id: id };
      const text = await (await bench.post('/v1/chat/stream', body)).text();
      return text.endsWith('data: [DONE]\n\n');
    } catch {
      return false;
    }
  }

  it(`has every answer that a client got to its end, and says of each other one how far it came, over ${String(KILLS)} kills`, async () => {
    const begun = await bench.post('/v1/chat', { model: 'lab/chat', message: 'Begin.' });
    const { conversation_id: id } = (await begun.json()) as { conversation_id: string };
    const whole = new Set<string>();
    let asked = 0;
    for (let kill = 0; kill < KILLS; kill += 1) {
      let isOver = false;
      const load = Array.from({ length: WRITERS }, async () => {
        while (!isOver) {
          const message = `mark-${String((asked += 1))}`;
          if (await say(id, message)) whole.add(message);
        }
      });
      await bench.untilServed(WRITERS * 2);
      await delay(random() * 80);
      await bench.kill();
      isOver = true;
      await Promise.all(load);
      await bench.buryTheDead();
      await bench.restart();
    }
    expect(await say(id, 'Still there?')).toBe(true);
    const stored = await messages(id);
    const turns = Map.groupBy(stored, ({ turn }) => turn);
    expect([...turns.keys()]).toEqual([...turns.keys()].sort((left, right) => left - right));
    for (const [question, answer] of turns.values()) {
      expect(['completed', 'failed']).toContain(question?.status);
      expect(question?.role).toBe('user');
      expect(answer === undefined).toBe(question?.status === 'failed');
      if (answer?.status === 'completed') expect(answer.content).toBe(WHOLE);
      else if (answer) expect(WHOLE.startsWith(answer.content ?? '?')).toBe(true);
    }
    const completed = new Set(
      [...turns.values()].flatMap(([question, answer]) => (answer?.status === 'completed' ? [question?.content] : [])),
    );
    expect([...whole].filter((mark) => !completed.has(mark))).toEqual([]);
    process.stdout.write(`${String(asked)} turns, ${String(completed.size)} whole, ${String(whole.size)} read whole\n`);
    expect(whole.size).toBeGreaterThan(KILLS);
    expect(await bench.problems()).toEqual([]);
  });
});
