import { describe, expect, it } from '@jest/globals';
import type { GatewayConfig } from '../config/gateway-config.js';
import { Cache } from './cache.js';
import { contentKeyOf } from './content-key.js';
import { SealedCache } from './sealed-cache.js';

const KEY = contentKeyOf(['a']);
const VALUE = Buffer.from('The godwit');
const TTL_MS = 1_000;

/** A cache in which every step waits until it is let through. */
class SlowCache extends Cache {
  readonly values = new Map<string, Buffer>();
  readonly steps: (() => void)[] = [];

  get(name: string): Promise<Buffer | null> {
    const found = this.values.get(name) ?? null;
    return new Promise((resolve) => {
      this.steps.push(() => {
        resolve(found);
      });
    });
  }

  set(name: string, value: Buffer): Promise<void> {
    return new Promise((resolve) => {
      this.steps.push(() => {
        this.values.set(name, value);
        resolve();
      });
    });
  }

  delete(): Promise<void> {
    return Promise.resolve();
  }

  async step(): Promise<void> {
    while (this.steps.length === 0) await new Promise((resolve) => setImmediate(resolve));
    this.steps.shift()?.();
  }
}

function setUp(): { slow: SlowCache; sealed: SealedCache } {
  const slow = new SlowCache();
  const gateway = { caches: { exact: { maxAnswerBytes: 1_024 } } } as GatewayConfig;
  return { slow, sealed: new SealedCache(gateway, slow) };
}

describe(SealedCache.name, () => {
  it('finds what is on its way, for those who asked before it came as well', async () => {
    const { slow, sealed } = setUp();
    const early = sealed.get(KEY);
    sealed.set(KEY, VALUE, TTL_MS);
    expect(await sealed.get(KEY)).toEqual(VALUE);
    await slow.step();
    expect(await early).toEqual(VALUE);
    const closing = sealed.onApplicationShutdown();
    await slow.step();
    await closing;
    expect([...slow.values.values()].map((value) => value.includes('godwit'))).toEqual([false]);
    const late = sealed.get(KEY);
    await slow.step();
    expect(await late).toEqual(VALUE);
  });

  it('a value that was kept meanwhile is not forgotten with the one before it', async () => {
    const { slow, sealed } = setUp();
    sealed.set(KEY, VALUE, TTL_MS);
    sealed.set(KEY, Buffer.from('newer'), TTL_MS);
    await slow.step();
    await new Promise((resolve) => setImmediate(resolve));
    expect(await sealed.get(KEY)).toEqual(Buffer.from('newer'));
    await slow.step();
    await sealed.onApplicationShutdown();
  });

  it('keeps nothing that is too long', async () => {
    const { slow, sealed } = setUp();
    sealed.set(KEY, Buffer.alloc(1_025), TTL_MS);
    const found = sealed.get(KEY);
    await slow.step();
    expect(await found).toBeNull();
    expect(slow.values.size).toBe(0);
  });
});
