import { beforeEach, describe, expect, it } from '@jest/globals';
import { FakeClock } from '../../../test/support/fake-clock.js';
import { Cancellation } from '../../core/cancellation.js';
import type { ResponseStatus } from '../store/stored-response.js';
import type { LoggedEvent } from './event-log.js';
import type { EventStore } from './event-store.js';
import { EventTail } from './event-tail.js';

describe('EventTail', () => {
  let clock: FakeClock;
  let events: LoggedEvent[];
  let status: ResponseStatus | null;
  let looks: number;
  let onStatus: () => void;
  let cancellation: Cancellation;

  beforeEach(() => {
    clock = new FakeClock();
    events = [];
    status = 'in_progress';
    looks = 0;
    onStatus = () => undefined;
    cancellation = new Cancellation();
  });

  function tail(after = -1): EventTail {
    const store: Pick<EventStore, 'after' | 'statusOf'> = {
      after: (_id, sequence) => {
        looks += 1;
        return Promise.resolve(events.filter((event) => event.sequence > sequence).slice(0, 2));
      },
      statusOf: () => {
        const now = status;
        onStatus();
        return Promise.resolve(now);
      },
    };
    return new EventTail({ id: 'resp_1', after, signal: cancellation }, store as EventStore, clock);
  }

  function write(...names: string[]): void {
    for (const name of names) events.push({ sequence: events.length, name, content: `{"type":"${name}"}` });
  }

  async function names(source: EventTail): Promise<(string | undefined)[]> {
    const seen: (string | undefined)[] = [];
    for await (const { event } of source) seen.push(event);
    return seen;
  }

  it('gives what is there, page by page, waits for what comes, and ends with the response', async () => {
    write('a', 'b', 'c');
    const all = names(tail());
    await clock.advance(200);
    write('d');
    await clock.advance(200);
    write('e');
    status = 'completed';
    await clock.advance(200);
    expect(await all).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(clock.pendingTimers).toBe(0);
  });

  it('begins behind the number that is known', async () => {
    write('a', 'b', 'c');
    status = 'failed';
    expect(await names(tail(1))).toEqual(['c']);
  });

  it('misses nothing that was written right before the end', async () => {
    status = 'completed';
    onStatus = () => {
      if (events.length === 0) write('last');
    };
    expect(await names(tail())).toEqual(['last']);
  });

  it('ends when the response is gone', async () => {
    write('a');
    status = null;
    expect(await names(tail())).toEqual(['a']);
  });

  it('looks less often where nothing comes', async () => {
    const all = names(tail());
    for (let times = 0; times < 100; times += 1) await clock.advance(200);
    expect(looks).toBeLessThan(50);
    status = 'cancelled';
    await clock.advance(1_000);
    expect(await all).toEqual([]);
  });

  it('stops when nobody reads any more', async () => {
    const all = names(tail());
    await clock.advance(0);
    cancellation.abort(new Error('left'));
    await expect(all).rejects.toThrow('left');
    expect(clock.pendingTimers).toBe(0);
  });
});
