import { ProviderRegistry } from '../../../src/providers/provider-registry.js';
import { FakeAnthropic } from '../../fakes/fake-anthropic.js';
import { FakeGemini } from '../../fakes/fake-gemini.js';
import { FakeOpenAi } from '../../fakes/fake-openai.js';
import type { ScriptedProvider } from '../../fakes/scripted-provider.js';
import type { TestApp } from '../../support/test-app.js';
import type { Answer } from './answer.js';
import { Client } from './client.js';
import type { AskOptions, Surface } from './surfaces.js';

/** Whose protocol the faulty provider speaks; OpenAI has two. */
export const VENDORS = ['openai', 'anthropic', 'gemini', 'responses'] as const;
export type VendorName = (typeof VENDORS)[number];

/** What the healthy sibling says and reports, and what that costs at the bench's prices. */
export const SIBLING = { text: 'From the sibling.', usage: { input: 10, output: 4 }, costUsd: 0.000018 };

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
 * Providers for one case at a time, with fakes, names and targets of their own, so that cases that run at once do not see each
 * other. In the models file a lane's names end with its number; here they are said without it.
 */
export class FaultLane {
  readonly openai = new FakeOpenAi();
  readonly anthropic = new FakeAnthropic();
  readonly gemini = new FakeGemini();
  /** A server that has OpenAI's Responses and nothing else. */
  readonly responses = new FakeOpenAi();
  /** The healthy sibling where it has to speak OpenAI's protocol as well. */
  readonly spare = new FakeOpenAi();
  #joined: { app: TestApp; client: Client; providers: readonly string[] } | null = null;

  constructor(readonly number: number) {}

  get app(): TestApp {
    return this.#parts().app;
  }

  get fakes(): readonly ScriptedProvider[] {
    return [this.openai, this.anthropic, this.gemini, this.responses, this.spare];
  }

  /** The name in the models file: of a provider, a model, or a provider's model. */
  nameOf(name: string): string {
    const [first = '', ...rest] = name.split('/');
    return [`${first}-${String(this.number)}`, ...rest].join('/');
  }

  /** The other way round, for names of providers. */
  plainName(name: string): string {
    const end = `-${String(this.number)}`;
    return name.endsWith(end) ? name.slice(0, -end.length) : name;
  }

  /** From now on the lane's calls go there; `providers` are its own ones, as the models file calls them. */
  join(app: TestApp, providers: readonly string[]): void {
    this.#joined = { app, client: new Client(app), providers };
  }

  /** Forgets what the last case scripted and what its faults did. */
  reset(): void {
    const { app, providers } = this.#parts();
    for (const fake of this.fakes) fake.reset();
    const registry = app.nest.get(ProviderRegistry);
    for (const name of providers) registry.reset(name);
  }

  /** Sends one request for a model of the lane; `options` are further fields of its body. */
  ask(surface: Surface, model: string, options?: AskOptions): Promise<Answer> {
    return surface.ask(this.#parts().client, this.nameOf(model), options);
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

  /** What `GET /admin/providers` says about a target: of the lane, or of a provider that all lanes share. */
  async target(provider: string, model = 'm'): Promise<TargetState> {
    const { data } = (await (await this.app.get('/admin/providers')).json()) as { data: TargetState[] };
    const found = data.find((target) => target.model === model && this.plainName(target.provider) === provider);
    if (!found) throw new Error(`Nothing was asked of ${provider}/${model} yet.`);
    return found;
  }

  #parts(): { app: TestApp; client: Client; providers: readonly string[] } {
    if (!this.#joined) throw new Error('The bench has not been started.');
    return this.#joined;
  }
}
