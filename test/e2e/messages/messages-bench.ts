import Anthropic from '@anthropic-ai/sdk';
import { FakeAnthropic } from '../../fakes/fake-anthropic.js';
import { FakeGemini } from '../../fakes/fake-gemini.js';
import { FakeOpenAi } from '../../fakes/fake-openai.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';

/** Each vendor's model by the name that clients use here. */
export const VENDORS = ['openai', 'anthropic', 'gemini'] as const;

/** The application between Anthropic's official client and a fake of each vendor. */
export class MessagesBench {
  readonly openai = new FakeOpenAi();
  readonly anthropic = new FakeAnthropic({ combinesTurns: true });
  readonly gemini = new FakeGemini();

  /** Starts all of it; `models` come on top of those named after the vendors. */
  async start(
    models: Record<string, object> = {},
    env: Record<string, string> = {},
  ): Promise<{ app: TestApp; client: Anthropic }> {
    const fakes = { openai: this.openai, anthropic: this.anthropic, gemini: this.gemini };
    await Promise.all(Object.values(fakes).map((fake) => fake.start()));
    const app = await startTestApp({
      env,
      gateway: {
        providers: {
          gpt: { type: 'openai', base_url: fakes.openai.url, api_keys: ['sk-fake-openai'] },
          claude: { type: 'anthropic', base_url: fakes.anthropic.url, api_keys: ['sk-fake-anthropic'] },
          google: { type: 'gemini', base_url: fakes.gemini.url, api_keys: ['AIza-fake-key'] },
        },
        models: {
          openai: { targets: ['gpt/gpt-5.4-mini'] },
          anthropic: { targets: ['claude/claude-sonnet-4-6'] },
          gemini: { targets: ['google/gemini-2.5-flash'] },
          ...models,
        },
      },
    });
    const client = new Anthropic({ baseURL: app.url, apiKey: app.adminKey, maxRetries: 0 });
    return { app, client };
  }

  reset(): void {
    for (const fake of [this.openai, this.anthropic, this.gemini]) fake.reset();
  }

  async stop(): Promise<void> {
    await Promise.all([this.openai, this.anthropic, this.gemini].map((fake) => fake.stop()));
  }
}
