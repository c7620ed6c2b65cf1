import { describe, expect, it } from '@jest/globals';
import { answer, chatOnce, createWorld, failure } from '../../../test/support/scripted-providers.js';
import { ProviderError } from '../provider-error.js';

const LEARNT = [new ProviderError('invalid-request', 'Not so.', { sendAgain: true })];

describe('AttemptPlanner: a request that the adapter can put otherwise', () => {
  it('goes to the same target again at once, and counts as an attempt', async () => {
    const world = createWorld({ scripts: { a: [LEARNT, answer] } });
    const { route, tookMs, text } = await chatOnce(world);
    expect([route, tookMs, text]).toEqual(['a:failed a:succeeded', 0, 'hello']);
  });

  it('goes also where the retry budget is spent: nothing has failed', async () => {
    const world = createWorld({ scripts: { a: [LEARNT, answer] } });
    while (world.budget.take());
    expect((await chatOnce(world)).route).toBe('a:failed a:succeeded');
  });

  it('gives up after three attempts, without a word to the breaker', async () => {
    const world = createWorld({ scripts: { a: [LEARNT] } });
    const { route, code } = await chatOnce(world);
    expect([route, code]).toEqual(['a:failed a:failed a:failed', 'upstream_rejected_request']);
    expect(world.registry.health()[0]).toMatchObject({ state: 'healthy', breaker: 'closed', lastErrors: [] });
  });

  it('is refused for good otherwise', async () => {
    const world = createWorld({ scripts: { a: [failure('invalid-request')] } });
    expect((await chatOnce(world)).route).toBe('a:failed');
  });
});
