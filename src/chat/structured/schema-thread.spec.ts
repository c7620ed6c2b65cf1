import { setImmediate as nextTurn } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { SystemClock } from '../../core/clock.js';
import { SchemaThread } from './schema-thread.js';

const LIMITS = { cpuMs: 1_000, wallMs: 60_000, startMs: 60_000 };
const NOTHING = { user: 0, system: 0 };

/** Runs its timers when it is told to. */
class ManualClock extends SystemClock {
  readonly scheduled = new Set<() => void>();

  override schedule(callback: () => void): () => void {
    this.scheduled.add(callback);
    return () => this.scheduled.delete(callback);
  }

  runAll(): void {
    for (const callback of [...this.scheduled]) {
      this.scheduled.delete(callback);
      callback();
    }
  }
}

/** Takes long enough to be looked at, and well under a second. */
function slowSchema(levels: number): string {
  const names = Array.from({ length: levels }, (_, n) => [
    `a${String(n)}`,
    n + 1 < levels ? { allOf: Array(2).fill({ $ref: `#/$defs/a${String(n + 1)}` }) } : { not: { type: 'null' } },
  ]);
  return JSON.stringify({ $ref: '#/$defs/a0', $defs: Object.fromEntries(names) as object });
}

describe(SchemaThread.name, () => {
  afterEach(() => {
    jest.restoreAllMocks();
  });

  it('looks at the check that is under way, and no longer at the one before it', async () => {
    const looks: (() => void)[] = [];
    let begun = 0;
    jest.spyOn(Worker.prototype, 'cpuUsage').mockImplementation((before) => {
      if (before)
        return new Promise((resolve) =>
          looks.push(() => {
            resolve(NOTHING);
          }),
        );
      begun += 1;
      return Promise.resolve(NOTHING);
    });
    const clock = new ManualClock();
    const thread = new SchemaThread(clock, LIMITS);
    const begin = async (): Promise<{ done: Promise<unknown> }> => {
      const count = begun + 1;
      const done = thread.check({ schema: slowSchema(17), text: '[1]' });
      while (begun < count || clock.scheduled.size === 0) await nextTurn();
      return { done };
    };
    const first = await begin();
    clock.runAll();
    expect(looks).toHaveLength(1);
    expect(await first.done).toEqual({ kind: 'valid' });
    const second = await begin();
    looks[0]?.();
    await nextTurn();
    expect(clock.scheduled.size).toBe(1);
    expect(await second.done).toEqual({ kind: 'valid' });
    await thread.end();
  });

  it('tells a check that took too much processor time from a thread that is gone', async () => {
    const clock = new SystemClock();
    const hanging = new SchemaThread(clock, { ...LIMITS, cpuMs: 100 });
    expect(await hanging.check({ schema: slowSchema(60), text: null })).toBe('overdue');
    expect(hanging.isUsable).toBe(false);
    const gone = new SchemaThread(clock, LIMITS);
    const check = gone.check({ schema: slowSchema(60), text: null }).catch(() => 'lost');
    await gone.end();
    expect([await check, gone.isUsable]).toEqual(['lost', false]);
  });
});
