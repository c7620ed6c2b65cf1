import { beforeEach, describe, expect, it } from '@jest/globals';
import { FakeClock } from '../../test/support/fake-clock.js';
import { Telemetry } from '../core/telemetry/telemetry.js';
import { SeatGate } from './seat-gate.js';
import { LoadWatch } from './load-watch.js';
import { Machine } from './machine.js';
import { OverloadJudge } from './overload-judge.js';

/** Its timers come later than they were due. */
class LateClock extends FakeClock {
  lateMs = 0;

  override monotonic(): number {
    return super.monotonic() + this.lateMs;
  }
}

class ScriptedMachine extends Machine {
  heap = 0.1;
  resident = 100;
  busy = 0;
  collections = 0;

  override heapShare(): number {
    return this.heap;
  }

  override busyMs(): number {
    return this.busy;
  }

  override residentBytes(): number {
    return this.resident;
  }

  override collectGarbage(): void {
    this.collections += 1;
  }
}

describe('LoadWatch', () => {
  let clock: LateClock;
  let machine: ScriptedMachine;
  let gate: SeatGate;
  let watch: LoadWatch;

  beforeEach(() => {
    clock = new LateClock();
    machine = new ScriptedMachine();
    gate = new SeatGate({ maxSeats: 10, queueSize: 0, waitMs: 0 }, clock, new Telemetry());
    const judge = new OverloadJudge({ maxSeats: 10, maxLoopDelayMs: 200, maxMemoryShare: 0.8 });
    watch = new LoadWatch({ judge, gate, machine, clock, residentLimitBytes: 1_000 });
    watch.start();
  });

  it('closes the gate within a tenth of a second, collects garbage once a second, and opens it again', async () => {
    await clock.advance(1_000);
    expect([gate.limit, machine.collections]).toEqual([10, 0]);
    machine.heap = 0.9;
    await clock.advance(100);
    expect([gate.limit, machine.collections]).toEqual([0, 1]);
    await clock.advance(900);
    expect(machine.collections).toBe(1);
    await clock.advance(1_100);
    expect(machine.collections).toBe(3);
    machine.heap = 0.5;
    await clock.advance(100);
    expect(gate.limit).toBe(10);
  });

  it('takes fewer requests while its own work makes the event loop late', async () => {
    const isLate = async (isBusy: boolean): Promise<void> => {
      for (let count = 0; count < 3; count++) {
        if (isBusy) machine.busy += 500;
        clock.lateMs += 400;
        await clock.advance(100);
      }
    };
    await isLate(false);
    expect(gate.limit).toBe(10);
    await isLate(true);
    expect(gate.limit).toBe(8);
    await clock.advance(2_000);
    expect(gate.limit).toBe(10);
  });

  it('looks at what a container allows', async () => {
    machine.resident = 850;
    await clock.advance(100);
    expect(gate.limit).toBe(0);
  });

  it('leaves nothing behind', () => {
    watch.stop();
    expect(clock.pendingTimers).toBe(0);
  });

  it('does not start where nothing is asked', () => {
    const judge = new OverloadJudge({ maxSeats: 10, maxLoopDelayMs: 0, maxMemoryShare: 0 });
    watch.stop();
    new LoadWatch({ judge, gate, machine, clock, residentLimitBytes: Infinity }).start();
    expect(clock.pendingTimers).toBe(0);
  });
});

describe('Machine', () => {
  it('knows of a heap and what is resident', () => {
    const machine = new Machine();
    expect(machine.heapLimitBytes).toBeGreaterThan(1024 ** 2);
    expect(machine.heapShare()).toBeGreaterThan(0);
    expect(machine.heapShare()).toBeLessThan(1);
    expect(machine.residentBytes()).toBeGreaterThan(1024 ** 2);
    expect(() => {
      machine.collectGarbage();
    }).not.toThrow();
  });
});
