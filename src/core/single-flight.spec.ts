import { describe, expect, it } from '@jest/globals';
import { type FlightMember, SingleFlight } from './single-flight.js';

/** A source that a test feeds, and what was done to it. */
class Source implements AsyncIterableIterator<string, undefined> {
  readonly log: string[] = [];
  asked = 0;
  readonly #ready: (string | Error | null)[] = [];
  #waiting: (() => void) | null = null;

  give(...steps: (string | Error | null)[]): void {
    this.#ready.push(...steps);
    this.#waiting?.();
  }

  async next(): Promise<IteratorResult<string, undefined>> {
    this.asked += 1;
    while (this.#ready.length === 0) await new Promise<void>((resolve) => (this.#waiting = resolve));
    const step = this.#ready.shift();
    if (step instanceof Error) throw step;
    return typeof step === 'string' ? { done: false, value: step } : { done: true, value: undefined };
  }

  return(): Promise<IteratorResult<string, undefined>> {
    this.log.push('returned');
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

type Member = FlightMember<string, string>;

function setUp(): {
  flights: SingleFlight<string, string>;
  source: Source;
  log: string[];
  begin: () => void;
  refuse: (error: Error) => void;
  launch: (key?: string) => Member;
} {
  const flights = new SingleFlight<string, string>();
  const source = new Source();
  const log: string[] = [];
  let begin: () => void = () => undefined;
  let refuse: (error: Error) => void = () => undefined;
  const begun = new Promise<AsyncIterable<string>>((resolve, reject) => {
    begin = () => {
      resolve(source);
    };
    refuse = reject;
  });
  const launch = (key = 'k'): Member =>
    flights.launch(key, () => ({
      context: 'context',
      source: begun,
      abandoned: (reason) => log.push(`abandoned ${reason?.message ?? ''}`),
      over: () => log.push('over'),
    }));
  return { flights, source, log, begin, refuse, launch };
}

function joined(flights: SingleFlight<string, string>): Member {
  const member = flights.join('k');
  if (!member) throw new Error('There is nothing to join.');
  return member;
}

async function read(member: Member): Promise<string> {
  let text = '';
  for await (const element of member) text += element;
  return text;
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('SingleFlight', () => {
  it('gives every member everything, however late it came and however slowly it reads', async () => {
    const { flights, source, log, begin, launch } = setUp();
    const first = launch();
    const second = joined(flights);
    begin();
    source.give('a', 'b');
    expect((await first.next()).value).toBe('a');
    expect((await first.next()).value).toBe('b');
    const third = joined(flights);
    expect([second.context, third.context]).toEqual(['context', 'context']);
    const reads = [read(first), read(third)];
    source.give('c', null);
    expect(await Promise.all(reads)).toEqual(['c', 'abc']);
    expect([flights.join('k'), flights.size, log]).toEqual([null, 0, ['over']]);
    expect(await read(second)).toBe('abc');
    expect(source.asked).toBe(4);
  });

  it('asks its source for one element at a time, and for none while nobody reads', async () => {
    const { flights, source, begin, launch } = setUp();
    const members = [launch(), joined(flights), joined(flights)];
    begin();
    await Promise.all(members.map((member) => member.opened()));
    expect(source.asked).toBe(0);
    const reads = members.map((member) => member.next());
    await turn();
    expect(source.asked).toBe(1);
    source.give('a');
    expect((await Promise.all(reads)).map(({ value }) => value)).toEqual(['a', 'a', 'a']);
    await turn();
    expect(source.asked).toBe(1);
  });

  it('hands on what is there without a promise, and what fails there to everybody', async () => {
    const { flights, source, begin, launch } = setUp();
    const ready = ['a', 'b'];
    Object.assign(source, {
      take: () => {
        const element = ready.shift();
        if (element === 'b') throw new Error('broken');
        return element;
      },
    });
    const first = launch();
    const second = joined(flights);
    begin();
    await first.opened();
    expect([first.take(), first.take()]).toEqual(['a', undefined]);
    await expect(first.next()).rejects.toThrow('broken');
    expect(second.take()).toBe('a');
    await expect(second.next()).rejects.toThrow('broken');
  });

  it('fails for everybody who has read up to the failure', async () => {
    const { flights, source, log, begin, launch } = setUp();
    const members = [launch(), joined(flights)];
    begin();
    const reads = members.map((member) => read(member).catch((error: unknown) => (error as Error).message));
    source.give('a', new Error('cut'));
    expect(await Promise.all(reads)).toEqual(['cut', 'cut']);
    expect(log).toEqual(['over']);
  });

  it('fails for everybody when it never begins', async () => {
    const { flights, log, refuse, launch } = setUp();
    const members = [launch(), joined(flights)];
    const opened = members.map((member) => member.opened().catch((error: unknown) => (error as Error).message));
    refuse(new Error('refused'));
    expect(await Promise.all(opened)).toEqual(['refused', 'refused']);
    expect([log, flights.size]).toEqual([['over'], 0]);
  });

  it('goes on for the others when one leaves, the first one included', async () => {
    const { flights, source, log, begin, launch } = setUp();
    const first = launch();
    const second = joined(flights);
    begin();
    source.give('a');
    await first.next();
    const waiting = first.next();
    first.leave(new Error('gone'));
    await expect(waiting).rejects.toThrow('gone');
    await expect(first.opened()).rejects.toThrow('gone');
    source.give('b', null);
    expect(await read(second)).toBe('ab');
    expect([log, source.log]).toEqual([['over'], []]);
  });

  it.each([true, false])('is abandoned when the last one leaves (begun: %s)', async (hasBegun) => {
    const { flights, source, log, begin, launch } = setUp();
    const first = launch();
    const second = joined(flights);
    if (hasBegun) {
      begin();
      await first.opened();
    }
    await first.return();
    expect(log).toEqual([]);
    second.leave(new Error('gone'));
    second.leave(new Error('again'));
    expect([log, flights.join('k'), flights.size]).toEqual([['abandoned gone', 'over'], null, 0]);
    begin();
    await turn();
    expect(source.log).toEqual(['returned']);
    expect(await first.next()).toEqual({ done: true, value: undefined });
    await first.opened();
  });

  it('lets nobody join what another key began, or what is over', async () => {
    const { flights, source, begin, launch } = setUp();
    const first = launch();
    expect(flights.join('other')).toBeNull();
    begin();
    source.give(null);
    expect(await read(first)).toBe('');
    expect(flights.join('k')).toBeNull();
    const again = launch();
    source.give('x', null);
    expect(await read(again)).toBe('x');
  });
});
