import { beforeEach, describe, expect, it } from '@jest/globals';
import { FakeClock } from '../../test/support/fake-clock.js';
import { CallContext } from '../core/call-context.js';
import { ClientGoneError } from '../core/errors/app-error.js';
import { UNLIMITED } from '../core/principal.js';
import type { OverloadReason } from '../core/telemetry/admission-telemetry.js';
import { Telemetry } from '../core/telemetry/telemetry.js';
import { SeatGate } from './seat-gate.js';
import { STRANGERS } from './seats.js';

class KeepingTelemetry extends Telemetry {
  readonly refusals: OverloadReason[] = [];
  readonly waits: number[] = [];

  override admissionRefused({ reason }: { reason: OverloadReason }): void {
    this.refusals.push(reason);
  }

  override admissionWaited({ seconds }: { seconds: number }): void {
    this.waits.push(seconds);
  }
}

describe('SeatGate', () => {
  let clock: FakeClock;
  let telemetry: KeepingTelemetry;
  let gate: SeatGate;
  let order: string[];

  beforeEach(() => {
    clock = new FakeClock();
    telemetry = new KeepingTelemetry();
    order = [];
    open({ maxSeats: 8, queueSize: 4, waitMs: 100 });
  });

  function open(terms: ConstructorParameters<typeof SeatGate>[0]): void {
    gate = new SeatGate(terms, clock, telemetry);
  }

  function callOf(project: string): CallContext {
    const call = new CallContext({ id: 'req_1', surface: 'native', receivedAt: 0 });
    if (project !== STRANGERS) call.authenticate({ keyId: 'k', projectId: project, scopes: [], ...UNLIMITED });
    return call;
  }

  /** A call of the project, with what came of it as far as that is known: `in`, `waits`, or the code of the refusal. */
  function enter(project: string): { call: CallContext; outcome: () => string } {
    const call = callOf(project);
    let outcome = 'in';
    const told = (error: unknown): void => {
      outcome = (error as { code?: string; name: string }).code ?? (error as Error).name;
    };
    try {
      const turn = gate.enter(call, () => project, null);
      if (turn) {
        outcome = 'waits';
        void turn.then(() => {
          outcome = 'in';
          order.push(project);
        }, told);
      }
    } catch (error) {
      told(error);
    }
    return { call, outcome: () => outcome };
  }

  const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  it('asks nobody who he is while there are seats', () => {
    for (let count = 0; count < 8; count++) {
      expect(
        gate.enter(
          callOf('a'),
          () => {
            throw new Error('It was asked.');
          },
          null,
        ),
      ).toBeNull();
    }
    expect(gate.inFlight).toBe(8);
    expect(gate.isContended).toBe(false);
  });

  it('gives back what a call held, once', () => {
    const { call } = enter('a');
    call.finish();
    call.finish();
    expect(gate.inFlight).toBe(0);
  });

  it('lets some wait for a seat, and the others at once not', async () => {
    const held = Array.from({ length: 8 }, () => enter('a'));
    const waiting = Array.from({ length: 4 }, () => enter('a'));
    const late = enter('a');
    expect(late.outcome()).toBe('overloaded');
    expect(telemetry.refusals).toEqual(['full']);
    await clock.advance(40);
    held[0]?.call.finish();
    held[1]?.call.finish();
    await settled();
    expect(waiting.map(({ outcome }) => outcome())).toEqual(['in', 'in', 'waits', 'waits']);
    expect(telemetry.waits).toEqual([0.04, 0.04]);
    await clock.advance(60);
    expect(waiting.map(({ outcome }) => outcome())).toEqual(['in', 'in', 'overloaded', 'overloaded']);
    expect(telemetry.refusals).toEqual(['full', 'waited', 'waited']);
    expect([gate.inFlight, gate.queued, clock.pendingTimers]).toEqual([8, 0, 0]);
  });

  it('lets nobody wait where that is turned off', () => {
    open({ maxSeats: 1, queueSize: 4, waitMs: 0 });
    enter('a');
    expect(enter('a').outcome()).toBe('overloaded');
  });

  it('lets projects take turns', async () => {
    open({ maxSeats: 2, queueSize: 6, waitMs: 100 });
    const entered = ['a', 'b', 'a', 'a', 'a', 'b', 'c'].map(enter);
    for (const index of [0, 1, 2, 5, 6]) {
      entered[index]?.call.finish();
      await settled();
    }
    expect(order).toEqual(['a', 'b', 'c', 'a', 'a']);
    expect(gate.inFlight).toBe(2);
  });

  it('keeps some seats beyond the limit for those who hold less than their share', () => {
    for (let count = 0; count < 8; count++) enter('a');
    expect(enter('b').outcome()).toBe('in');
    expect(enter('b').outcome()).toBe('waits');
    expect(enter('a').outcome()).toBe('waits');
  });

  it('gives what comes free to who holds less, before those beyond the limit are paid back', async () => {
    const held = Array.from({ length: 8 }, () => enter('a'));
    const first = enter('b');
    const [crowd, second] = [enter('a'), enter('b')];
    held[0]?.call.finish();
    await settled();
    expect([first, crowd, second].map(({ outcome }) => outcome())).toEqual(['in', 'waits', 'in']);
  });

  it('lets strangers have one share together, however many there are', () => {
    for (let count = 0; count < 8; count++) enter('a');
    expect(Array.from({ length: 9 }, () => enter(STRANGERS).outcome())).toEqual([
      'in',
      ...Array.from({ length: 4 }, () => 'waits'),
      ...Array.from({ length: 4 }, () => 'overloaded'),
    ]);
    // A place in the queue is taken from those who have most of them.
    expect(enter('b').outcome()).toBe('waits');
  });

  it('counts for its project whoever turned out to have a good key', async () => {
    const strangers = Array.from({ length: 8 }, () => enter(STRANGERS));
    enter('b');
    for (const { call } of strangers) {
      call.authenticate({ keyId: 'k', projectId: 'a', scopes: [], ...UNLIMITED });
    }
    strangers.pop()?.call.finish();
    await clock.advance(10);
    expect(enter(STRANGERS).outcome()).toBe('in');
    expect(enter('a').outcome()).toBe('waits');
  });

  it('forgets who left while he waited', async () => {
    const held = Array.from({ length: 8 }, () => enter('a'));
    const [gone, next] = [enter('a'), enter('a')];
    gone.call.abort(new ClientGoneError());
    gone.call.finish();
    held[0]?.call.finish();
    await settled();
    expect([gone.outcome(), next.outcome(), gate.inFlight]).toEqual(['ClientGoneError', 'in', 8]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('turns everybody away while there is no memory, and lets in who still waits when there is', async () => {
    for (let count = 0; count < 8; count++) enter('a');
    const waiting = enter('b');
    const crowd = enter('a');
    gate.adjust({ seats: 0, reason: 'heap' });
    expect(enter('c').outcome()).toBe('overloaded');
    expect(telemetry.refusals).toEqual(['heap']);
    gate.adjust({ seats: 20, reason: null });
    await settled();
    expect([waiting.outcome(), crowd.outcome(), gate.inFlight]).toEqual(['in', 'in', 10]);
  });

  it('spreads the times at which those come back who were turned away', () => {
    gate.adjust({ seats: 0, reason: 'memory' });
    const times = Array.from({ length: 50 }, () => {
      try {
        void gate.enter(callOf('a'), () => 'a', null);
        return 0;
      } catch (error) {
        return (error as { retryAfterMs: number }).retryAfterMs;
      }
    });
    expect(new Set(times).size).toBeGreaterThan(5);
    expect(Math.min(...times)).toBeGreaterThanOrEqual(1_000);
    expect(Math.max(...times)).toBeLessThan(2_000);
  });

  it('holds work back that can wait while requests cannot be served, but not for ever', async () => {
    expect(gate.relief()).toBeNull();
    for (let count = 0; count < 9; count++) enter('a');
    let isCalm = false;
    void gate.relief()?.then(() => (isCalm = true));
    await clock.advance(900);
    expect(isCalm).toBe(false);
    await clock.advance(400);
    expect(isCalm).toBe(true);
    gate.adjust({ seats: 0, reason: 'heap' });
    isCalm = false;
    void gate.relief()?.then(() => (isCalm = true));
    await clock.advance(4_900);
    expect(isCalm).toBe(false);
    await clock.advance(200);
    expect(isCalm).toBe(true);
  });
});
