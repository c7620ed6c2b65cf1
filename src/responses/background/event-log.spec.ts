import { beforeEach, describe, expect, it } from '@jest/globals';
import { FakeClock } from '../../../test/support/fake-clock.js';
import { EventLog, type LoggedEvent } from './event-log.js';

describe('EventLog', () => {
  let clock: FakeClock;
  let written: LoggedEvent[][];
  let isAway: boolean;
  let log: EventLog;

  beforeEach(() => {
    clock = new FakeClock();
    written = [];
    isAway = false;
    log = new EventLog(clock, (events) => {
      if (isAway) return Promise.reject(new Error('away'));
      written.push([...events]);
      return Promise.resolve();
    });
  });

  const numbers = (): number[][] => written.map((events) => events.map(({ sequence }) => sequence));

  it('numbers events, names them, and writes them together a few times a second', async () => {
    await log.add([{ type: 'response.created', response: {} }, '{"type":"response.in_progress","sequence_number":1}']);
    await log.add([{ type: 'response.output_text.delta', delta: 'Hi' }]);
    expect(written).toEqual([]);
    await clock.advance(150);
    expect(written).toEqual([
      [
        { sequence: 0, name: 'response.created', content: '{"type":"response.created","response":{}}' },
        { sequence: 1, name: 'response.in_progress', content: '{"type":"response.in_progress","sequence_number":1}' },
        {
          sequence: 2,
          name: 'response.output_text.delta',
          content: '{"type":"response.output_text.delta","delta":"Hi"}',
        },
      ],
    ]);
    await log.add([{ type: 'x' }]);
    await clock.advance(150);
    expect(numbers()).toEqual([[0, 1, 2], [3]]);
  });

  it('carries what could not be written to the next time, in order', async () => {
    isAway = true;
    await log.add([{ type: 'a' }]);
    await clock.advance(150);
    isAway = false;
    await log.add([{ type: 'b' }]);
    await clock.advance(150);
    expect(numbers()).toEqual([[0, 1]]);
  });

  it('hands out what is left with the last events, and writes nothing more', async () => {
    await log.add([{ type: 'a' }]);
    const left = await log.close([{ type: 'z' }]);
    expect(left.map(({ sequence, name }) => [sequence, name])).toEqual([
      [0, 'a'],
      [1, 'z'],
    ]);
    await clock.advance(1_000);
    expect(written).toEqual([]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('waits at the end for a write that is under way, and keeps what it failed to write', async () => {
    let fail = (): void => undefined;
    const slow = new EventLog(
      clock,
      () =>
        new Promise(
          (_resolve, reject) =>
            (fail = () => {
              reject(new Error('away'));
            }),
        ),
    );
    await slow.add([{ type: 'a' }]);
    await clock.advance(150);
    const closing = slow.close([{ type: 'z' }]);
    fail();
    expect((await closing).map(({ sequence }) => sequence)).toEqual([0, 1]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('makes those wait who write faster than the database', async () => {
    await log.add(Array.from({ length: 5_000 }, () => ({ type: 'a' })));
    expect(written[0]).toHaveLength(5_000);
  });
});
