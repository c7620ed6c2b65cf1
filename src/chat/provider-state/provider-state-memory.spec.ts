import { describe, expect, it } from '@jest/globals';
import { FakeClock } from '../../../test/support/fake-clock.js';
import { ProviderStateMemory, STATE_TTL_MS } from './provider-state-memory.js';
import type { ToolCallState } from './tool-call-state.js';

function state(text: string): ToolCallState {
  return { name: 'f', thoughts: [{ text, signature: 's', signedBy: 'anthropic', afterText: false }] };
}

async function setUp(): Promise<{ memory: ProviderStateMemory; clock: FakeClock }> {
  const clock = new FakeClock();
  // A reading of zero would mean `never` to the cache.
  await clock.advance(1);
  return { memory: new ProviderStateMemory(clock), clock };
}

describe(ProviderStateMemory.name, () => {
  it('knows a state, knows of none, or knows nothing, for each project by itself', async () => {
    const { memory } = await setUp();
    memory.set('p1', 'a', state('x'));
    memory.set('p1', 'b', null);
    expect(memory.get('p1', 'a')).toEqual(state('x'));
    expect(memory.get('p1', 'b')).toBeNull();
    expect(memory.get('p1', 'c')).toBeUndefined();
    expect(memory.get('p2', 'a')).toBeUndefined();
  });

  it('forgets in time, and sooner what was only not found', async () => {
    const { memory, clock } = await setUp();
    memory.set('p1', 'a', state('x'));
    memory.setAbsent('p1', 'b');
    expect(memory.get('p1', 'b')).toBeNull();
    await clock.advance(6_000);
    expect(memory.get('p1', 'b')).toBeUndefined();
    expect(memory.get('p1', 'a')).toEqual(state('x'));
    await clock.advance(STATE_TTL_MS);
    expect(memory.get('p1', 'a')).toBeUndefined();
  });

  it('counts the ids too, and keeps nothing under one that is huge', async () => {
    const { memory } = await setUp();
    memory.set('p1', 'a', state('x'));
    for (let n = 0; n < 100; n += 1) memory.set('p1', String(n) + 'x'.repeat(2_000_000), null);
    for (let n = 0; n < 100; n += 1) memory.setAbsent('p1', String(n) + 'y'.repeat(2_000_000));
    expect(memory.get('p1', `0${'x'.repeat(2_000_000)}`)).toBeUndefined();
    expect(memory.get('p1', 'a')).toEqual(state('x'));
    for (let n = 0; n < 100; n += 1) memory.set('p1', String(n) + 'z'.repeat(400_000), null);
    expect(memory.get('p1', 'a')).toBeUndefined();
  });

  it('holds so many bytes, and none of a state that is too large', async () => {
    const { memory } = await setUp();
    const large = state('x'.repeat(500_000));
    for (let n = 0; n < 40; n += 1) expect(memory.set('p1', String(n), large)).toBe(true);
    expect(memory.get('p1', '0')).toBeUndefined();
    expect(memory.get('p1', '39')).toEqual(large);
    expect(memory.set('p1', 'huge', state('x'.repeat(600_000)))).toBe(false);
    expect(memory.get('p1', 'huge')).toBeNull();
  });
});
