import { beforeEach, describe, expect, it } from '@jest/globals';
import { Registry } from 'prom-client';
import type { Attempt } from '../core/attempt.js';
import { tokenUsage } from '../core/chat/token-usage.js';
import type { GatewayConfig } from '../config/gateway-config.js';
import { MetricSources } from '../core/telemetry/metric-sources.js';
import { MetricLabels } from './metric-labels.js';
import { PrometheusTelemetry } from './prometheus-telemetry.js';

const GATEWAY = {
  providers: [
    { name: 'openai', models: ['gpt-listed'] },
    { name: 'lab', models: [] },
  ],
  models: [
    {
      name: 'smart',
      targets: [{ provider: 'lab', model: 'llama' }],
      contextFallback: [{ provider: 'lab', model: 'large' }],
    },
  ],
  prices: { 'lab/priced': { input: 1, output: 1 } },
} as unknown as GatewayConfig;

function attempt(over: Partial<Attempt>): Attempt {
  return { provider: 'lab', model: 'llama', outcome: 'succeeded', errorKind: null, durationMs: 40, ...over } as Attempt;
}

describe('PrometheusTelemetry', () => {
  let registry: Registry;
  let telemetry: PrometheusTelemetry;

  beforeEach(() => {
    registry = new Registry();
    const sources = new MetricSources();
    sources.isKnownModel = (provider, model) => provider === 'openai' && model === 'gpt-catalogued';
    telemetry = new PrometheusTelemetry(registry, new MetricLabels(GATEWAY, sources));
  });

  async function lines(name: string): Promise<string[]> {
    const text = await registry.metrics();
    return text.split('\n').filter((line) => line.startsWith(name));
  }

  it('counts requests and times them under the pattern of their route', async () => {
    telemetry.requestFinished({
      method: 'POST',
      route: '/v1/jobs/:id',
      status: 200,
      surface: 'native',
      durationSeconds: 0.2,
    });
    expect(await lines('trunkline_http_requests_total')).toEqual([
      'trunkline_http_requests_total{method="POST",route="/v1/jobs/:id",surface="native",status="200"} 1',
    ]);
    expect(await lines('trunkline_http_request_duration_seconds_sum')).toEqual([
      'trunkline_http_request_duration_seconds_sum{method="POST",route="/v1/jobs/:id",surface="native"} 0.2',
    ]);
  });

  it('times a finished call by who answered it, and counts its cost by surface', async () => {
    telemetry.requestAnswered({ provider: 'lab', model: 'llama', seconds: 2.5 });
    telemetry.requestCosted({ surface: 'openai', costUsd: 0.0012 });
    expect(await lines('trunkline_answer_duration_seconds_sum')).toEqual([
      'trunkline_answer_duration_seconds_sum{provider="lab",model="llama"} 2.5',
    ]);
    expect(await lines('trunkline_answer_duration_seconds_count')).toEqual([
      'trunkline_answer_duration_seconds_count{provider="lab",model="llama"} 1',
    ]);
    expect(await lines('trunkline_request_cost_usd_sum')).toEqual([
      'trunkline_request_cost_usd_sum{surface="openai"} 0.0012',
    ]);
    expect(await lines('trunkline_request_cost_usd_count')).toEqual([
      'trunkline_request_cost_usd_count{surface="openai"} 1',
    ]);
  });

  it.each([
    ['lab', 'llama', 'provider="lab",model="llama"'],
    ['lab', 'large', 'provider="lab",model="large"'],
    ['lab', 'priced', 'provider="lab",model="priced"'],
    ['openai', 'gpt-listed', 'provider="openai",model="gpt-listed"'],
    ['openai', 'gpt-catalogued', 'provider="openai",model="gpt-catalogued"'],
    ['openai', 'llama', 'provider="openai",model="other"'],
    ['openai', 'junk"} 1\nevil 2', 'provider="openai",model="other"'],
    ['elsewhere', 'llama', 'provider="other",model="other"'],
  ])('labels %s/%s as %s', async (provider, model, labels) => {
    telemetry.firstContent({ provider, model, seconds: 0.3 });
    expect(await lines('trunkline_first_content_seconds_count')).toEqual([
      `trunkline_first_content_seconds_count{${labels}} 1`,
    ]);
  });

  it('counts attempts by outcome and kind', async () => {
    telemetry.attemptFinished(attempt({}));
    telemetry.attemptFinished(attempt({ outcome: 'failed', errorKind: 'rate-limited' }));
    telemetry.attemptFinished(attempt({ outcome: 'failed', errorKind: 'SELECT 1' }));
    expect(await lines('trunkline_attempts_total')).toEqual([
      'trunkline_attempts_total{provider="lab",model="llama",outcome="succeeded",kind="none"} 1',
      'trunkline_attempts_total{provider="lab",model="llama",outcome="failed",kind="rate-limited"} 1',
      'trunkline_attempts_total{provider="lab",model="llama",outcome="failed",kind="other"} 1',
    ]);
  });

  it('adds up tokens by class and cost by target', async () => {
    const usage = tokenUsage({ input: 10, cachedInput: 5, reasoning: 2, estimated: true });
    telemetry.usageSettled({ provider: 'lab', model: 'llama', usage, costUsd: '0.0000250000' });
    telemetry.usageSettled({ provider: 'lab', model: 'llama', usage, costUsd: null });
    expect(await lines('trunkline_tokens_total')).toEqual([
      'trunkline_tokens_total{provider="lab",model="llama",class="input"} 20',
      'trunkline_tokens_total{provider="lab",model="llama",class="cached_input"} 10',
      'trunkline_tokens_total{provider="lab",model="llama",class="reasoning"} 4',
    ]);
    expect(await lines('trunkline_cost_usd_total')).toEqual([
      'trunkline_cost_usd_total{provider="lab",model="llama"} 0.000025',
    ]);
  });

  it('shows the state of breakers of known targets', async () => {
    telemetry.breakerChanged({ provider: 'lab', model: 'llama', state: 'open' });
    telemetry.breakerChanged({ provider: 'lab', model: 'llama', state: 'half-open' });
    telemetry.breakerChanged({ provider: 'lab', model: 'junk', state: 'open' });
    expect(await lines('trunkline_breaker_state')).toEqual(['trunkline_breaker_state{provider="lab",model="llama"} 1']);
  });

  it('counts cool-downs and alarms by provider and reason', async () => {
    telemetry.credentialBlocked({ provider: 'lab', reason: 'rate-limited' });
    telemetry.credentialBlocked({ provider: 'lab', reason: 'rate-limited' });
    telemetry.providerAlarm({ provider: 'openai', reason: 'quota-exhausted' });
    telemetry.providerAlarm({ provider: 'elsewhere', reason: 'No Such Word' });
    expect(await lines('trunkline_credential_cool_downs_total')).toEqual([
      'trunkline_credential_cool_downs_total{provider="lab",reason="rate-limited"} 2',
    ]);
    expect(await lines('trunkline_provider_alarms_total')).toEqual([
      'trunkline_provider_alarms_total{provider="openai",reason="quota-exhausted"} 1',
      'trunkline_provider_alarms_total{provider="other",reason="other"} 1',
    ]);
  });

  it('shows the providers as they were seen last, and no limits where there are none', async () => {
    const limits = { inUse: 2, queued: 3, refused: 4 };
    telemetry.showPresent([{ provider: 'gone', credentials: { total: 1, usable: 1 }, limits }]);
    telemetry.showPresent([
      { provider: 'lab', credentials: { total: 3, usable: 1 }, limits },
      { provider: 'openai', credentials: { total: 1, usable: 1 }, limits: null },
    ]);
    expect((await lines('trunkline_provider_')).filter((line) => !line.includes('alarms'))).toEqual([
      'trunkline_provider_credentials{provider="lab"} 3',
      'trunkline_provider_credentials{provider="openai"} 1',
      'trunkline_provider_credentials_usable{provider="lab"} 1',
      'trunkline_provider_credentials_usable{provider="openai"} 1',
      'trunkline_provider_limit_in_use{provider="lab"} 2',
      'trunkline_provider_queue_length{provider="lab"} 3',
      'trunkline_provider_limit_refusals_total{provider="lab"} 4',
    ]);
  });

  it('does not let junk make series grow (X03)', async () => {
    const seriesBefore = (await lines('trunkline_')).length;
    for (let count = 0; count < 5000; count += 1) {
      const junk = `junk${String(count)}`;
      const usage = tokenUsage({ input: 1 });
      telemetry.attemptFinished(attempt({ model: junk }));
      telemetry.attemptFinished(attempt({ provider: junk, model: junk }));
      telemetry.usageSettled({ provider: 'openai', model: junk, usage, costUsd: '1' });
      telemetry.breakerChanged({ provider: 'openai', model: junk, state: 'open' });
      telemetry.eventSkipped({ provider: junk });
      telemetry.credentialBlocked({ provider: junk, reason: junk });
      telemetry.providerAlarm({ provider: junk, reason: junk });
      telemetry.requestFinished({ method: junk, route: junk, status: count, surface: 'openai', durationSeconds: 1 });
    }
    const statuses = 500;
    const grown = (await lines('trunkline_')).length - seriesBefore - statuses;
    expect(grown).toBeLessThanOrEqual(50);
  });
});
