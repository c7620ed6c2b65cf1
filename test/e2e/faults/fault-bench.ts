import { FakeAnthropic } from '../../fakes/fake-anthropic.js';
import { FakeGemini } from '../../fakes/fake-gemini.js';
import { FakeOpenAi } from '../../fakes/fake-openai.js';
import type { ScriptedProvider } from '../../fakes/scripted-provider.js';
import { startTestApp, type TestApp, type TestAppOptions } from '../../support/test-app.js';
import { Client } from './client.js';

/** Whose protocol the faulty provider speaks. */
export const VENDORS = ['openai', 'anthropic', 'gemini'] as const;
export type VendorName = (typeof VENDORS)[number];

/** Milliseconds, small enough for tests and large enough for a busy machine. */
export const TIMERS = { connect_ms: 500, first_content_ms: 400, idle_ms: 400, body_ms: 1_000, total_ms: 20_000 };

/** What the healthy sibling says and reports, and what that costs at the bench's prices. */
export const SIBLING = { text: 'From the sibling.', usage: { input: 10, output: 4 }, costUsd: 0.000018 };

const PRICE = { input: 1, output: 2 };
const PATIENT = { min_requests: 10_000 };
// One failure that counts is enough to open it, so that one call shows whether it did.
const FRAGILE = { min_requests: 1, failure_ratio: 0.01, open_ms: 60_000 };

/** A provider that cannot be had, or whose fake is told to fail. */
export interface BadProvider {
  name: string;
  type: 'openai-compatible' | 'anthropic' | 'gemini';
  url: string;
}

export interface BenchOptions {
  /** More of them, with the same models as those of the vendors, under their own names. */
  bad?: readonly BadProvider[];
  /** Models on top of the bench's own; entries as in the models file. */
  models?: Record<string, object>;
  /** Asked once the fakes listen. */
  providers?: () => Record<string, object>;
  timers?: Record<string, number>;
  env?: Record<string, string>;
}

export interface TargetState {
  provider: string;
  model: string;
  breaker: string;
  consecutive_failures: number;
  last_error: { kind: string } | null;
  credentials: { total: number; usable: number };
  cool_down: { reason: string } | null;
}

/**
 * The application over fakes that fail. For each vendor the models `<vendor>-alone`, `<vendor>-first` (a healthy sibling of
 * another vendor behind it) and `<vendor>-fragile` (alone, behind a breaker that opens at the first failure that counts),
 * and the same with `embed-` before it for embeddings.
 */
export class FaultBench {
  readonly openai = new FakeOpenAi();
  readonly anthropic = new FakeAnthropic();
  readonly gemini = new FakeGemini();
  /** The healthy sibling where it has to speak OpenAI's protocol as well. */
  readonly spare = new FakeOpenAi();
  #app: TestApp | null = null;
  #client: Client | null = null;

  get app(): TestApp {
    if (!this.#app) throw new Error('The bench has not been started.');
    return this.#app;
  }

  get client(): Client {
    if (!this.#client) throw new Error('The bench has not been started.');
    return this.#client;
  }

  async start(options: BenchOptions = {}): Promise<void> {
    await Promise.all(this.#fakes().map((fake) => fake.start()));
    this.#app = await startWithShortWaits({
      gateway: this.#gateway(options),
      ...(options.env ? { env: options.env } : {}),
    });
    this.#client = new Client(this.#app);
  }

  /** Forgets what the last test scripted and what its faults did. */
  reset(): void {
    for (const fake of this.#fakes()) fake.reset();
    this.app.resetProviders();
  }

  async stop(): Promise<void> {
    await this.#app?.close();
    await Promise.all(this.#fakes().map((fake) => fake.stop()));
  }

  /** The healthy sibling of a vendor that fails; it is scripted to say what `SIBLING` says. */
  healthySibling(vendor: VendorName, isEmbedding = false): ScriptedProvider {
    const sibling = this.siblingOf(vendor, isEmbedding);
    sibling.reply({ text: SIBLING.text, usage: SIBLING.usage }).forever();
    return sibling;
  }

  siblingOf(vendor: VendorName, isEmbedding = false): ScriptedProvider {
    if (isEmbedding) return this.spare;
    return vendor === 'openai' ? this.anthropic : this.openai;
  }

  /** What `GET /admin/providers` says about the targets of a provider. */
  async target(provider: string, model = 'm'): Promise<TargetState> {
    const { data } = (await (await this.app.get('/admin/providers')).json()) as { data: TargetState[] };
    const found = data.find((target) => target.provider === provider && target.model === model);
    if (!found) throw new Error(`Nothing was asked of ${provider}/${model} yet.`);
    return found;
  }

  #fakes(): ScriptedProvider[] {
    return [this.openai, this.anthropic, this.gemini, this.spare];
  }

  #gateway(options: BenchOptions): object {
    const { openai, anthropic, gemini, spare } = this;
    const timeouts = { ...TIMERS, ...options.timers };
    const bad: BadProvider[] = [
      { name: 'openai', type: 'openai-compatible', url: openai.url },
      { name: 'anthropic', type: 'anthropic', url: anthropic.url },
      { name: 'gemini', type: 'gemini', url: gemini.url },
      ...(options.bad ?? []),
    ];
    const providers = {
      ...Object.assign({}, ...bad.map(providersOf)),
      spare: { type: 'openai-compatible', base_url: spare.url, api_keys: ['sk-spare-key'], breaker: PATIENT },
      ...options.providers?.(),
    } as Record<string, object>;
    const models = { ...Object.assign({}, ...bad.map((one) => modelsOf(one, timeouts))), ...options.models } as object;
    const keys = Object.keys(providers).flatMap((name) => [`${name}/m`, `${name}/e`]);
    return { providers, models, prices: Object.fromEntries(keys.map((key) => [key, PRICE])) };
  }
}

// What spreads the waits before trying again is taken when the application is made: here they are a tenth as long.
async function startWithShortWaits(options: TestAppOptions): Promise<TestApp> {
  const { random } = Math;
  Math.random = () => random() / 10;
  try {
    return await startTestApp(options);
  } finally {
    Math.random = random;
  }
}

function providersOf({ name, type, url }: BadProvider): Record<string, object> {
  const provider = { type, base_url: url, api_keys: [`sk-${type === 'openai-compatible' ? 'openai' : type}-key`] };
  return {
    [name]: { ...provider, breaker: PATIENT },
    [`fragile-${name}`]: { ...provider, breaker: FRAGILE },
  };
}

function modelsOf({ name, type }: BadProvider, timeouts: object): Record<string, object> {
  const sibling = type === 'openai-compatible' ? 'anthropic' : 'openai';
  const chat = {
    [`${name}-alone`]: { targets: [`${name}/m`], timeouts },
    [`${name}-first`]: { targets: [`${name}/m`, `${sibling}/m`], timeouts },
    [`${name}-fragile`]: { targets: [`fragile-${name}/m`], timeouts },
  };
  if (type !== 'openai-compatible') return chat;
  const kind = 'embeddings';
  return {
    ...chat,
    [`embed-${name}-alone`]: { kind, targets: [`${name}/e`], timeouts },
    [`embed-${name}-first`]: { kind, targets: [`${name}/e`, 'spare/e'], timeouts },
    [`embed-${name}-fragile`]: { kind, targets: [`fragile-${name}/e`], timeouts },
  };
}
