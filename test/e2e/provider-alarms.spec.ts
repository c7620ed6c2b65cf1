import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { FakeAnthropic } from '../fakes/fake-anthropic.js';
import { FakeOpenAi } from '../fakes/fake-openai.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

describe('alarms, cool-downs and credentials in the metrics', () => {
  const fakes = { openai: new FakeOpenAi(), claude: new FakeAnthropic() };
  const names = ['openai', 'claude'] as const;
  let app: TestApp;

  beforeAll(async () => {
    await Promise.all(names.map((name) => fakes[name].start()));
    app = await startTestApp({
      gateway: {
        providers: {
          openai: {
            type: 'openai-compatible',
            base_url: fakes.openai.url,
            api_keys: ['sk-1', 'sk-2'],
            limits: { concurrency: 4 },
          },
          claude: { type: 'anthropic', base_url: fakes.claude.url, api_keys: ['sk-3', 'sk-4'] },
        },
        models: { 'over-openai': { targets: ['openai/m'] }, 'over-claude': { targets: ['claude/m'] } },
      },
    });
  });

  beforeEach(() => {
    for (const name of names) fakes[name].reset();
    app.resetProviders();
  });

  afterAll(async () => {
    await app.close();
    await Promise.all(names.map((name) => fakes[name].stop()));
  });

  async function metric(name: string, labels: string): Promise<number> {
    const text = await (await app.get('/metrics', { key: null })).text();
    const line = text.split('\n').find((candidate) => candidate.startsWith(`${name}{${labels}}`));
    return line === undefined ? 0 : Number(line.slice(line.lastIndexOf(' ') + 1));
  }

  async function ask(provider: string, stream: boolean): Promise<void> {
    const response = await app.post(stream ? '/v1/chat/stream' : '/v1/chat', {
      message: 'Hi',
      model: `over-${provider}`,
    });
    await response.text();
  }

  const cases = names.flatMap((name) => [true, false].map((stream) => [name, stream] as const));

  it.each(cases)('F12 %s, stream %s: a refused key', async (name, stream) => {
    const labels = `provider="${name}",reason="authentication"`;
    const before = await metric('trunkline_provider_alarms_total', labels);
    fakes[name].failWith(401);
    await ask(name, stream);
    expect(await metric('trunkline_provider_alarms_total', labels)).toBe(before + 1);
    expect(await metric('trunkline_credential_cool_downs_total', labels)).toBe(before + 1);
    expect(await metric('trunkline_provider_credentials', `provider="${name}"`)).toBe(2);
    expect(await metric('trunkline_provider_credentials_usable', `provider="${name}"`)).toBe(1);
  });

  it.each(cases)('F15 %s, stream %s: a configured model that is gone', async (name, stream) => {
    const labels = `provider="${name}",reason="model-unavailable"`;
    const before = await metric('trunkline_provider_alarms_total', labels);
    fakes[name].failWith(404).forever();
    await ask(name, stream);
    expect(await metric('trunkline_provider_alarms_total', labels)).toBe(before + 1);
  });

  it.each(cases)('F32 %s, stream %s: a usage that cannot be meant', async (name, stream) => {
    const labels = `provider="${name}",reason="implausible-usage"`;
    const before = await metric('trunkline_provider_alarms_total', labels);
    fakes[name].absurdUsage();
    await ask(name, stream);
    expect(await metric('trunkline_provider_alarms_total', labels)).toBe(before + 1);
    await ask(name, stream);
    expect(await metric('trunkline_provider_alarms_total', labels)).toBe(before + 1);
  });

  it('shows the limits of providers that have some', async () => {
    await ask('openai', false);
    expect(await metric('trunkline_provider_limit_in_use', 'provider="openai"')).toBe(0);
    const text = await (await app.get('/metrics', { key: null })).text();
    expect(text).toContain('trunkline_provider_queue_length{provider="openai"} 0');
    expect(text).toContain('trunkline_provider_limit_refusals_total{provider="openai"} 0');
    expect(text).not.toContain('trunkline_provider_queue_length{provider="claude"}');
  });
});
