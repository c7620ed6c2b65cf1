import { describe, expect, it } from '@jest/globals';
import { FakeClock } from '../../../test/support/fake-clock.js';
import { providerConfig, ScriptedAdapter } from '../../../test/support/scripted-providers.js';
import { TargetLoad } from '../routing/target-load.js';
import { CircuitBreaker } from './circuit-breaker.js';
import { CredentialPool } from './credential-pool.js';
import { Target } from './target.js';

const anybody = { project: '', demand: null };

function setUp() {
  const clock = new FakeClock();
  const config = providerConfig();
  const breaker = new CircuitBreaker({ ...config.breaker, minRequests: 1, openMs: 90_000 }, clock);
  const credentials = new CredentialPool(['key'], clock);
  const provider = { config, adapter: new ScriptedAdapter(clock), credentials, limiter: null };
  return {
    clock,
    breaker,
    credentials,
    target: new Target({
      provider,
      model: 'x',
      isConfigured: true,
      breaker,
      load: new TargetLoad(clock),
      catalogEntry: null,
    }),
  };
}

describe('Target', () => {
  it('gives a seat with everything a request needs', () => {
    const { target } = setUp();
    expect(target.isAvailable()).toBe(true);
    expect(target.takeSeat(anybody)).toMatchObject({ target: { model: 'x' }, credential: { apiKey: 'key' } });
  });

  it('gives no seat without a credential, and keeps no permit', async () => {
    const { clock, breaker, credentials, target } = setUp();
    const seat = target.takeSeat(anybody);
    seat?.permit.fail();
    await clock.advance(90_000);
    if (seat) credentials.coolDown(seat.credential, 'x', 5_000);
    expect([target.isAvailable(), target.takeSeat(anybody)]).toEqual([false, null]);
    expect(breaker.acquire()).not.toBeNull();
  });

  it('gives no seat while the breaker is open, and keeps the probe of the credential for later', async () => {
    const { clock, credentials, target } = setUp();
    const seat = target.takeSeat(anybody);
    seat?.permit.fail();
    if (seat) credentials.disable(seat.credential, seat.target.model, 'authentication');
    await clock.advance(60_000);
    expect([target.isAvailable(), target.takeSeat(anybody)]).toEqual([false, null]);
    expect(credentials.hasUsable('x')).toBe(true);
  });
});
