import OpenAI from 'openai';
import { FakeAnthropic } from '../fakes/fake-anthropic.js';
import { FakeOpenAi } from '../fakes/fake-openai.js';
import { startTestApp, type TestApp } from './test-app.js';

/** The models `over-openai` and `over-claude`, one target each. */
const MODELS = {
  'over-openai': { targets: ['openai/gpt-5.4-mini'] },
  'over-claude': { targets: ['claude/claude-sonnet-5'] },
};

/** The application between the official client and a fake of each vendor, `lab` being OpenAI's without its name. */
export class TwoVendors {
  readonly openAi = new FakeOpenAi();
  readonly anthropic = new FakeAnthropic();

  /** Starts all of it; `models` come on top of `over-openai` and `over-claude`. */
  async start(models: Record<string, { targets: string[] }> = {}): Promise<{ app: TestApp; client: OpenAI }> {
    const { openAi, anthropic } = this;
    await Promise.all([openAi.start(), anthropic.start()]);
    const app = await startTestApp({
      gateway: {
        providers: {
          openai: { type: 'openai', base_url: openAi.url, api_keys: ['sk-fake-openai'] },
          lab: { type: 'openai-compatible', base_url: openAi.url, api_keys: ['sk-fake-lab'] },
          claude: { type: 'anthropic', base_url: anthropic.url, api_keys: ['sk-fake-anthropic'] },
        },
        models: { ...MODELS, ...models },
      },
    });
    return { app, client: new OpenAI({ baseURL: `${app.url}/v1`, apiKey: app.adminKey, maxRetries: 0 }) };
  }

  reset(): void {
    this.openAi.reset();
    this.anthropic.reset();
  }

  async stop(): Promise<void> {
    await Promise.all([this.openAi.stop(), this.anthropic.stop()]);
  }
}
