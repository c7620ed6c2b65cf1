import OpenAI from 'openai';
import { FakeMedia } from '../../fakes/openai-media/fake-media.js';
import { FakeReranker } from '../../fakes/fake-reranker.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';

const TIMEOUTS = {
  connect_ms: 2_000,
  response_head_ms: 5_000,
  first_content_ms: 5_000,
  idle_ms: 5_000,
  body_ms: 5_000,
};
/** Silence is what these are about. */
const SHORT = { ...TIMEOUTS, response_head_ms: 300, first_content_ms: 300 };
const PATIENT = { min_requests: 10_000 };
const UNIT_PRICES = {
  ...{ input: 0, output: 0, per_image: 0.02, per_character: 0.00001, per_audio_input_second: 0.0002 },
};

/** Limit of this application's for files of sound. */
export const AUDIO_LIMIT = 300_000;

/** The application over OpenAI, a compatible server that does the same, Azure, and a reranker. */
export class MediaWorld {
  readonly openAi = new FakeMedia();
  readonly spare = new FakeMedia();
  readonly reranker = new FakeReranker();
  #app: TestApp | null = null;

  get app(): TestApp {
    if (!this.#app) throw new Error('The world has not been started.');
    return this.#app;
  }

  /** The official client with a key, the administrator's by default. */
  client(apiKey = this.app.adminKey): OpenAI {
    return new OpenAI({ baseURL: `${this.app.url}/v1`, apiKey, maxRetries: 0 });
  }

  async start(): Promise<void> {
    await Promise.all([this.openAi.start(), this.spare.start(), this.reranker.start()]);
    const { openAi, spare, reranker } = this;
    this.#app = await startTestApp({
      env: { AUDIO_LIMIT: String(AUDIO_LIMIT) },
      gateway: {
        providers: {
          openai: { type: 'openai', base_url: openAi.url, api_keys: ['sk-fake-media'], breaker: PATIENT },
          spare: { type: 'openai-compatible', base_url: spare.url, api_keys: ['sk-spare'], breaker: PATIENT },
          azure: { type: 'azure-openai', base_url: spare.origin, api_keys: ['azure-key'], api_version: '2024-10-21' },
          cohere: { type: 'cohere', base_url: reranker.origin, api_keys: ['co-key'] },
          jina: { type: 'jina', base_url: `${reranker.origin}/v1`, api_keys: ['ji-key'] },
        },
        models: {
          draw: { targets: ['openai/gpt-image-1', 'spare/painter'], timeouts: TIMEOUTS },
          speak: { targets: ['openai/tts-1', 'spare/speaker'], timeouts: TIMEOUTS },
          hear: { targets: ['openai/whisper-1', 'spare/listener'], timeouts: TIMEOUTS },
          judge: { targets: ['openai/omni-moderation-latest', 'spare/judge'], timeouts: TIMEOUTS },
          'draw-alone': { targets: ['openai/gpt-image-1'], timeouts: TIMEOUTS },
          'speak-alone': { targets: ['openai/tts-1'], timeouts: TIMEOUTS },
          'hear-alone': { targets: ['openai/whisper-1'], timeouts: TIMEOUTS },
          'draw-hasty': { targets: ['openai/gpt-image-1'], timeouts: SHORT },
          'speak-hasty': { targets: ['openai/tts-1'], timeouts: { ...TIMEOUTS, idle_ms: 300 } },
        },
        prices: {
          'spare/painter': UNIT_PRICES,
          'spare/speaker': UNIT_PRICES,
          'spare/listener': UNIT_PRICES,
          'jina/jina-reranker-v2': { input: 0.02, output: 0.02 },
        },
        defaults: { rerank: 'cohere/rerank-v3.5' },
      },
    });
  }

  /** Forgets what the last test did. */
  reset(): void {
    this.openAi.reset();
    this.spare.reset();
    this.reranker.reset();
    this.app.resetProviders();
  }

  async stop(): Promise<void> {
    await this.#app?.close();
    await Promise.all([this.openAi.stop(), this.spare.stop(), this.reranker.stop()]);
  }

  /** A key under a budget. */
  async budgetKey(amountUsd: number): Promise<{ id: string; key: string }> {
    const made = await this.app.post('/admin/keys', {
      name: 'budget',
      budgets: [{ window: 'day', amount_usd: amountUsd }],
    });
    return (await made.json()) as { id: string; key: string };
  }
}
