import { describe, expect, it } from '@jest/globals';
import { providerConfig, ScriptedAdapter } from '../../../../test/support/scripted-providers.js';
import { FakeClock } from '../../../../test/support/fake-clock.js';
import { seededRandom } from '../../../../test/support/soak-seed.js';
import type { Routing } from '../../../config/gateway-config.js';
import type { ChatRequest } from '../../../core/chat/chat-request.js';
import type { CatalogEntry } from '../../catalog/catalog-entry.js';
import { CircuitBreaker } from '../../resilience/circuit-breaker.js';
import { CredentialPool } from '../../resilience/credential-pool.js';
import { Target } from '../../resilience/target.js';
import type { Candidate } from '../candidate.js';
import { RoutedChat, RoutedEmbedding } from '../routed-request.js';
import { TargetLoad } from '../target-load.js';
import { createStrategies } from './create-strategies.js';

const clock = new FakeClock();

function candidate(model: string, overrides: Partial<Candidate> = {}, breaker = providerConfig().breaker): Candidate {
  const config = providerConfig();
  const target = new Target({
    provider: {
      config,
      adapter: new ScriptedAdapter(clock),
      credentials: new CredentialPool([], clock),
      limiter: null,
    },
    model,
    isConfigured: true,
    breaker: new CircuitBreaker(breaker, clock),
    load: new TargetLoad(clock),
    catalogEntry: null,
  });
  return { target, weight: 1, tier: 'large', prices: null, ...overrides };
}

const priced = (input: number, output: number, tiers: CatalogEntry['tiers'] = []): Partial<Candidate> => ({
  prices: { prices: { input, output }, tiers },
});

function asked(text: string, rest: Partial<ChatRequest> = {}): RoutedChat {
  const messages: ChatRequest['messages'] = [{ role: 'user', content: [{ type: 'text', text }] }];
  return new RoutedChat({ model: 'm', stream: false, messages, ...rest });
}

function order(routing: Routing, candidates: readonly Candidate[], request = asked('Hi'), seed = 1): string {
  const strategy = createStrategies(seededRandom(seed))[routing];
  return strategy(candidates, request)
    .targets.map(({ model }) => model)
    .join(' ');
}

async function answerIn(ms: number, { target }: Candidate): Promise<void> {
  const ticket = target.load.started();
  await clock.advance(ms);
  ticket.answered();
  ticket.finished(false);
}

describe('priority', () => {
  it('keeps the order of the file', () => {
    expect(order('priority', [candidate('c'), candidate('a'), candidate('b')])).toBe('c a b');
  });
});

describe('weighted', () => {
  it('gives each target its share of first places within 2 %, and every list is whole', () => {
    const candidates = [
      candidate('a', { weight: 5 }),
      candidate('b', { weight: 3 }),
      candidate('c', { weight: 1.5 }),
      candidate('d', { weight: 0.5 }),
    ];
    const strategy = createStrategies(seededRandom(7)).weighted;
    const first: Record<string, number> = {};
    const secondAfterA: Record<string, number> = {};
    const rounds = 40_000;
    for (let round = 0; round < rounds; round += 1) {
      const models = strategy(candidates, asked('Hi')).targets.map(({ model }) => model);
      expect(new Set(models).size).toBe(4);
      const [one = '', two = ''] = models;
      first[one] = (first[one] ?? 0) + 1;
      if (one === 'a') secondAfterA[two] = (secondAfterA[two] ?? 0) + 1;
    }
    for (const [model, share] of Object.entries({ a: 0.5, b: 0.3, c: 0.15, d: 0.05 })) {
      expect(Math.abs((first[model] ?? 0) / rounds - share)).toBeLessThan(0.02);
    }
    expect(Math.abs((secondAfterA.b ?? 0) / (first.a ?? 0) - 0.6)).toBeLessThan(0.02);
  });
});

describe('latency', () => {
  it('never puts the slower of two first, and the rest follow by cost', async () => {
    const [fast, slow] = [candidate('fast'), candidate('slow')];
    await answerIn(400, slow);
    await answerIn(50, fast);
    for (let seed = 0; seed < 20; seed += 1)
      expect(order('latency', [slow, fast], asked('Hi'), seed)).toBe('fast slow');
  });

  it('never puts the slowest of three first', async () => {
    const candidates = [candidate('c'), candidate('b'), candidate('a')];
    for (const [index, one] of candidates.entries()) await answerIn(300 - index * 100, one);
    const seen = new Set<string>();
    for (let seed = 0; seed < 50; seed += 1) seen.add(order('latency', candidates, asked('Hi'), seed));
    expect([...seen].sort()).toEqual(['a b c', 'b a c']);
  });

  it('lets a target without answers have its turn, once', async () => {
    const [known, fresh] = [candidate('known'), candidate('fresh')];
    await answerIn(50, known);
    expect(order('latency', [known, fresh])).toBe('fresh known');
    fresh.target.load.started();
    expect(order('latency', [known, fresh])).toBe('known fresh');
  });

  it('does not draw targets that take no requests while others do', async () => {
    const breaker = { ...providerConfig().breaker, minRequests: 1 };
    const [one, two, well] = [candidate('one', {}, breaker), candidate('two', {}, breaker), candidate('well')];
    await answerIn(500, well);
    for (const { target } of [one, two]) target.breaker.acquire()?.fail();
    for (let seed = 0; seed < 20; seed += 1) {
      expect(order('latency', [one, two, well], asked('Hi'), seed)).toMatch(/^well /);
    }
  });

  it('goes for the less busy of two that are equally fast', async () => {
    const [idle, busy] = [candidate('idle'), candidate('busy')];
    for (const one of [idle, busy]) await answerIn(100, one);
    busy.target.load.started();
    busy.target.load.started();
    expect(order('latency', [busy, idle])).toBe('idle busy');
  });
});

describe('price', () => {
  const [wordy, terse] = [candidate('wordy', priced(1, 10)), candidate('terse', priced(4, 4))];

  it('is about this very request: its prompt and what it may answer', () => {
    expect(order('price', [wordy, terse], asked('Hi'))).toBe('terse wordy');
    expect(order('price', [terse, wordy], asked('word '.repeat(4_000)))).toBe('wordy terse');
    expect(order('price', [terse, wordy], asked('word '.repeat(20), { maxOutputTokens: 5 }))).toBe('wordy terse');
    expect(order('price', [terse, wordy], asked('word '.repeat(20), { maxOutputTokens: 5, choices: 50 }))).toBe(
      'terse wordy',
    );
  });

  it('puts what has no price last, and leaves ties as they are', () => {
    const candidates = [
      candidate('x'),
      wordy,
      candidate('y'),
      candidate('free', priced(0, 0)),
      candidate('w2', priced(1, 10)),
    ];
    expect(order('price', candidates)).toBe('free wordy w2 x y');
  });

  it('knows that a long prompt may be dearer', () => {
    const tiers = [{ aboveInputTokens: 2_000, prices: { input: 9, output: 9 } }];
    const candidates = [candidate('tiered', priced(1, 1, tiers)), candidate('flat', priced(2, 2))];
    expect(order('price', candidates, asked('word '.repeat(1_000)))).toBe('tiered flat');
    expect(order('price', candidates, asked('word '.repeat(3_000)))).toBe('flat tiered');
  });

  it('weighs only the prompt of an embedding', () => {
    const strategy = createStrategies(() => 0).price;
    const request = new RoutedEmbedding({ model: 'm', inputs: ['word', [1, 2, 3]] });
    expect(strategy([terse, wordy], request).targets.map(({ model }) => model)).toEqual(['wordy', 'terse']);
  });
});

describe('auto', () => {
  const candidates = [
    candidate('l1'),
    candidate('s1', { tier: 'small' }),
    candidate('l2'),
    candidate('s2', { tier: 'small' }),
  ];

  it.each([
    ['Hi', 's1 s2 l1 l2', 'auto; tier=small; reason=simple'],
    ['Prove it.', 'l1 l2 s1 s2', 'auto; tier=large; reason=math'],
  ])('%s', (text, expected, reason) => {
    const { targets, reason: given } = createStrategies(() => 0).auto(candidates, asked(text));
    expect([targets.map(({ model }) => model).join(' '), given]).toEqual([expected, reason]);
  });

  it('keeps the order of the file for embeddings', () => {
    const request = new RoutedEmbedding({ model: 'm', inputs: ['Prove it.'] });
    const { targets, reason } = createStrategies(() => 0).auto(candidates, request);
    expect([targets.map(({ model }) => model).join(' '), reason]).toEqual(['l1 s1 l2 s2', null]);
  });
});
