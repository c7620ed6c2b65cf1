import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ApiKeyAuthenticator } from '../../src/auth/api-key-authenticator.js';
import { BoundedThrottlerStorage } from '../../src/auth/bounded-throttler-storage.js';
import { CredentialFinder } from '../../src/auth/credential-finder.js';
import { FailedAuthenticationThrottle } from '../../src/auth/failed-authentication-throttle.js';
import type { JwtAuthenticator } from '../../src/auth/jwt/jwt-authenticator.js';
import { issueKey } from '../../src/auth/key-format.js';
import { SystemClock } from '../../src/core/clock.js';
import { KeyServices, TESTER } from '../support/key-services.js';

const ROUNDS = 2_000;
const MOST_DIFFERENCE_MS = 0.3;

describe('A04 the time of a refusal', () => {
  let services: KeyServices;
  let authenticator: ApiKeyAuthenticator;

  beforeAll(async () => {
    services = await KeyServices.open();
    const clock = new SystemClock();
    const noTokens = { isToken: () => false } as unknown as JwtAuthenticator;
    const config = { adminKey: null, jwt: null, auditRetentionDays: 1 };
    authenticator = new ApiKeyAuthenticator(
      new CredentialFinder(services.store, noTokens, config),
      services.cache,
      new FailedAuthenticationThrottle(new BoundedThrottlerStorage(clock), clock, {
        failures: Infinity,
        windowMs: 1000,
      }),
      clock,
    );
  });

  afterAll(async () => {
    await services.close();
  });

  it('says nothing of its reason', async () => {
    await services.make({ scopes: ['admin'] });
    const revoked = await services.make();
    await services.keys.revoke(revoked.id, TESTER);
    const { id } = await services.make();
    // A secret in use beside the others: what it was rotated from counts among the candidates.
    await services.rotation.rotate(id, 3600, TESTER);
    const kinds = {
      unknown: () => issueKey().key,
      revoked: () => revoked.key,
      'wrong secret': () => issueKey(id).key,
    };
    const times: Record<string, number[]> = { unknown: [], revoked: [], 'wrong secret': [] };
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const [kind, keyOf] of Object.entries(kinds)) {
        const key = keyOf();
        services.cache.forget(() => true);
        const startedAt = performance.now();
        await expect(authenticator.authenticate(key, '192.0.2.1')).rejects.toMatchObject({ code: 'invalid_api_key' });
        times[kind]?.push(performance.now() - startedAt);
      }
    }
    const medians = Object.fromEntries(Object.entries(times).map(([kind, values]) => [kind, medianOf(values)]));
    process.stdout.write(`A04 medians in ms: ${JSON.stringify(medians)}\n`);
    const [least, most] = [Math.min(...Object.values(medians)), Math.max(...Object.values(medians))];
    expect(most - least).toBeLessThan(MOST_DIFFERENCE_MS);
  });
});

function medianOf(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[values.length >> 1] ?? NaN;
}
