import { createHash } from 'node:crypto';
import { expect } from '@jest/globals';
import { tokenUsage, type TokenUsage } from '../../../src/core/chat/token-usage.js';
import type { ScriptedReply } from '../../fakes/scripted-reply.js';
import type { ServedRequest } from '../../fakes/served-request.js';
import type { MeteredRoute } from './metered-routes.js';
import type { MoneyBench, TestKey } from './money-bench.js';

const AT_ONCE = 25;
/** One request in so many meets a failure first. */
const FAILS_ONE_IN = 10;
const MARK = /mark-\d+/;

interface Asked {
  mark: string;
  requestId: string;
}

type Kind = (mark: string) => readonly [string, MeteredRoute];

const stream = { stream: true } as const;
const messages = (mark: string): object[] => [{ role: 'user', content: mark }];
const completion = (model: string, mark: string, rest: object = {}): readonly [string, MeteredRoute] => [
  'POST /v1/chat/completions',
  { body: () => ({ model, messages: messages(mark), ...rest }), isStream: 'stream' in rest },
];

const KINDS: readonly Kind[] = [
  (mark) => completion('money', mark),
  (mark) => completion('money', mark, stream),
  (mark) => completion('fallback', mark),
  (mark) => completion('fallback', mark, stream),
  (mark) => ['POST /v1/chat', { body: () => ({ model: 'money', message: mark }) }],
  (mark) => ['POST /v1/chat/stream', { body: () => ({ model: 'money', message: mark }), isStream: true }],
  (mark) => ['POST /v1/embeddings', { body: () => ({ model: 'money-vectors', input: mark }) }],
];

/**
 * Sends so many requests of every kind, some of which meet a failing provider first, and expects of each that was answered
 * whole that the ledger has, class by class, what the fake that answered has reported. Returns how many those were.
 */
export async function compareCounts(
  bench: MoneyBench,
  key: TestKey,
  count: number,
  random: () => number,
): Promise<number> {
  for (const fake of [bench.openAi, bench.shaky]) {
    fake.reset();
    fake.reply(reportUsage).forever();
  }
  const asked: Asked[] = [];
  for (let sent = 0; sent < count; sent += AT_ONCE) {
    for (const app of bench.apps) app.resetProviders();
    const round = Array.from({ length: Math.min(AT_ONCE, count - sent) }, async (_, index) => {
      const mark = `mark-${String(sent + index)}`;
      if (random() * FAILS_ONE_IN < 1) (random() < 0.5 ? bench.openAi : bench.shaky).failWith(500);
      const [name, route] = kindOf(random())(mark);
      const { code, headers } = await bench.send(name, route, key);
      if (code === null) asked.push({ mark, requestId: headers.get('x-request-id') ?? '' });
    });
    await Promise.all(round);
  }
  await expectCounts(bench, asked);
  return asked.length;
}

function kindOf(share: number): Kind {
  return KINDS[Math.floor(share * KINDS.length)] ?? ((mark) => completion('money', mark));
}

async function expectCounts(bench: MoneyBench, asked: readonly Asked[]): Promise<void> {
  const rows = await ledgerOf(bench, asked);
  const differing = asked.flatMap(({ mark, requestId }) => {
    const { input, cachedInput, output, reasoning } = rows.get(requestId) ?? tokenUsage();
    const expected = usageOf(mark);
    const isEmbedding = output === 0 && reasoning === 0 && cachedInput === 0;
    const found = isEmbedding ? { input } : { input, cachedInput, output, reasoning };
    const wanted = isEmbedding ? { input: expected.input } : expected;
    return JSON.stringify(found) === JSON.stringify(wanted) ? [] : [{ mark, found, wanted }];
  });
  expect(differing).toEqual([]);
}

async function ledgerOf(bench: MoneyBench, asked: readonly Asked[]): Promise<Map<string, TokenUsage>> {
  const ids = asked.map(({ requestId }) => requestId);
  const giveUpAt = performance.now() + 20_000;
  for (;;) {
    const rows = await bench.query<TokenUsage & { request_id: string }>(
      `select request_id, input_tokens::int as input, cached_input_tokens::int as "cachedInput",
              output_tokens::int as output, reasoning_tokens::int as reasoning
         from usage_request where request_id = any($1) and status = 'succeeded' and not estimated`,
      [ids],
    );
    if (rows.length >= ids.length) return new Map(rows.map((row) => [row.request_id, row]));
    if (performance.now() > giveUpAt)
      throw new Error(`${String(ids.length - rows.length)} requests are not in the ledger.`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

// Another usage for each request, and the same for each of its attempts.
function usageOf(mark: string): Pick<TokenUsage, 'input' | 'cachedInput' | 'output' | 'reasoning'> {
  const digest = createHash('sha256').update(mark).digest();
  const at = (place: number, most: number): number => 1 + (digest.readUInt32LE(place) % most);
  return { input: at(0, 20_000), cachedInput: at(4, 5_000), output: at(8, 3_000), reasoning: at(12, 3_000) };
}

function reportUsage({ route, bodyText }: ServedRequest): ScriptedReply {
  const usage = usageOf(MARK.exec(bodyText)?.[0] ?? '');
  return route === 'POST /v1/embeddings' ? { usage: { input: usage.input } } : { text: 'Yes, it does.', usage };
}
