import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { errors, type JWSHeaderParameters } from 'jose';
import { FakeClock } from '../../../test/support/fake-clock.js';
import { FakeIssuer } from '../../../test/support/fake-issuer.js';
import { JwksSource } from './jwks-source.js';

const UNKNOWN_KEY = errors.JWKSNoMatchingKey;
const UNAVAILABLE = { code: 'dependency_unavailable' };

describe('JwksSource', () => {
  let issuer: FakeIssuer;
  let clock: FakeClock;
  let source: JwksSource;

  beforeAll(async () => {
    issuer = await FakeIssuer.start();
  });

  beforeEach(async () => {
    await issuer.reset();
    clock = new FakeClock();
    source = new JwksSource(issuer.jwksUrl, clock);
  });

  afterAll(async () => {
    await issuer.stop();
  });

  const find = (kid: string): Promise<unknown> => {
    const header: JWSHeaderParameters = { alg: 'ES256', kid };
    return source.find(header, { payload: '', signature: '', protected: '' });
  };
  // A renewal beside the requests is over when the next one sees what it brought.
  const untilAsked = async (times: number): Promise<void> => {
    while (issuer.asked < times) await new Promise((resolve) => setTimeout(resolve, 5));
  };

  it('reads the keys once for all who ask at once', async () => {
    await Promise.all([find('first'), find('first'), find('first')]);
    await find('first');
    expect(issuer.asked).toBe(1);
  });

  it('looks again for a key it does not know, and not at the will of whoever names one', async () => {
    await find('first');
    await expect(find('second')).rejects.toThrow(UNKNOWN_KEY);
    expect(issuer.asked).toBe(1);
    await issuer.addKey('second');
    await clock.advance(30_000);
    await find('second');
    for (let count = 0; count < 50; count += 1)
      await expect(find(`junk-${String(count)}`)).rejects.toThrow(UNKNOWN_KEY);
    expect(issuer.asked).toBe(2);
  });

  it('renews old keys without making anybody wait', async () => {
    await find('first');
    await issuer.replaceKeys('second');
    await clock.advance(600_000);
    await find('first');
    await untilAsked(2);
    await find('second');
    await expect(find('first')).rejects.toThrow(UNKNOWN_KEY);
    expect(issuer.asked).toBe(2);
  });

  it.each<[string, () => void]>([
    ['the issuer refuses', () => (issuer.answer = { status: 503, body: 'down' })],
    ['it answers with a page', () => (issuer.answer = { status: 200, body: '<html>' })],
    ['it has no keys any more', () => (issuer.answer = { status: 200, body: '{"keys":[]}' })],
    ['it sends on to elsewhere', () => (issuer.answer = { status: 302, body: '' })],
    ['it answers without end', () => (issuer.answer = { status: 200, body: 'x'.repeat(600_000) })],
  ])('goes on with the last good keys when %s, and says what it cannot know', async (_name, breakIt) => {
    await find('first');
    breakIt();
    await clock.advance(600_000);
    await find('first');
    await untilAsked(2);
    await find('first');
    await clock.advance(1_000);
    // The second time nobody is asked, and still nothing is known.
    for (const _time of [1, 2]) await expect(find('second')).rejects.toMatchObject(UNAVAILABLE);
    expect(issuer.asked).toBe(3);
    await find('first');
    issuer.answer = null;
    await issuer.addKey('second');
    await clock.advance(1_000);
    await find('second');
  });

  it('asks once a second while there are no keys yet', async () => {
    issuer.answer = { status: 500, body: '' };
    for (let count = 0; count < 5; count += 1) await expect(find('first')).rejects.toMatchObject(UNAVAILABLE);
    expect(issuer.asked).toBe(1);
    issuer.answer = null;
    await clock.advance(1_000);
    await find('first');
  });
});
