import { describe, expect, it } from '@jest/globals';
import { FakeClock } from '../../../test/support/fake-clock.js';
import { ProviderStateLookup } from './provider-state-lookup.js';
import type { ProviderStateStore } from './provider-state-store.js';
import type { ToolCallState } from './tool-call-state.js';

const STATE: ToolCallState = { name: 'f', thoughts: [] };

function setUp(find: () => Promise<Map<string, ToolCallState>>): {
  lookup: ProviderStateLookup;
  clock: FakeClock;
  asked: string[][];
} {
  const clock = new FakeClock();
  const asked: string[][] = [];
  const store = {
    find: (_projectId: string, ids: string[]) => {
      asked.push(ids);
      return find();
    },
  };
  return { lookup: new ProviderStateLookup(store as unknown as ProviderStateStore, clock), clock, asked };
}

describe(ProviderStateLookup.name, () => {
  it('finds what is there, asking only for ids that can be', async () => {
    const { lookup, clock, asked } = setUp(() => Promise.resolve(new Map([['a', STATE]])));
    expect(await lookup.find('p1', ['a', 'nul\0', 'x'.repeat(300)])).toEqual(new Map([['a', STATE]]));
    expect(await lookup.find('p1', ['nul\0'])).toEqual(new Map());
    expect(asked).toEqual([['a']]);
    expect(clock.pendingTimers).toBe(0);
  });

  it.each<[string, () => Promise<Map<string, ToolCallState>>, number]>([
    ['fails', () => Promise.reject(new Error('away')), 0],
    ['hangs', () => new Promise(() => undefined), 500],
  ])('O03: waits no longer than it must for a database that %s, and then leaves it alone', async (_what, find, ms) => {
    const { lookup, clock, asked } = setUp(find);
    const found = lookup.find('p1', ['a']);
    await clock.advance(ms);
    expect(await found).toBeNull();
    expect(await lookup.find('p1', ['a'])).toBeNull();
    expect(asked).toHaveLength(1);
    await clock.advance(5_000);
    const again = lookup.find('p1', ['a']);
    await clock.advance(ms);
    await again;
    expect(asked).toHaveLength(2);
  });
});
