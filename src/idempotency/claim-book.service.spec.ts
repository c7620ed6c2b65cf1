import { beforeEach, describe, expect, it } from '@jest/globals';
import { FakeClock } from '../../test/support/fake-clock.js';
import { ClaimBook } from './claim-book.service.js';
import type { ClaimRequest, FoundRecord, IdempotencyStore, SealedAnswer } from './idempotency-store.js';

const CLAIM: ClaimRequest = {
  keyId: 'key_1',
  name: 'name',
  projectId: 'proj_1',
  claimId: 'claim',
  requestId: 'req_1',
  fingerprint: 'print',
};
const SEALED: SealedAnswer = { fingerprint: 'print', answer: Buffer.from('answer') };

/** A store that fails so many times first. */
class ShakyStore {
  failures = 0;
  found: FoundRecord | null = null;
  isOwn = true;
  log: string[] = [];

  claim(): Promise<FoundRecord | null> {
    return this.#do('claim', this.found);
  }

  complete(): Promise<boolean> {
    return this.#do('complete', this.isOwn);
  }

  release(): Promise<undefined> {
    return this.#do('release', undefined);
  }

  #do<T>(name: string, result: T): Promise<T> {
    this.failures -= 1;
    if (this.failures >= 0) return Promise.reject(new Error('The database is away.'));
    this.log.push(name);
    return Promise.resolve(result);
  }
}

let clock: FakeClock;
let store: ShakyStore;
let book: ClaimBook;
let storedBytes: number;

beforeEach(() => {
  clock = new FakeClock();
  store = new ShakyStore();
  book = new ClaimBook(store as unknown as IdempotencyStore, clock);
  storedBytes = 0;
});

const complete = (seal = () => Promise.resolve(SEALED)): Promise<void> =>
  book.complete(CLAIM, seal, (bytes) => (storedBytes += bytes));

describe('a claim', () => {
  it('is held from the request for it to its end', async () => {
    const asked = book.claim(CLAIM);
    expect(book.heldIds).toEqual(['claim']);
    expect(await asked).toBeNull();
    await complete();
    expect([book.heldIds, store.log, storedBytes]).toEqual([[], ['claim', 'complete'], 6]);
  });

  it('is not held when another one was first, or nobody could be asked', async () => {
    store.found = { fingerprint: 'print', answer: null, requestId: 'req_0' };
    expect(await book.claim(CLAIM)).toBe(store.found);
    store.failures = 1;
    await expect(book.claim(CLAIM)).rejects.toThrow('away');
    expect(book.heldIds).toEqual([]);
  });

  it('counts nothing as stored that another one has taken over', async () => {
    store.isOwn = false;
    await complete();
    expect(storedBytes).toBe(0);
  });
});

describe('while the database is away', () => {
  it.each(['complete', 'release'] as const)(
    '%s holds the answer back for two seconds, and goes on behind it',
    async (end) => {
      await book.claim(CLAIM);
      store.failures = 6;
      let isLetGo = false;
      const ended = (end === 'complete' ? complete() : book.release(CLAIM)).then(() => (isLetGo = true));
      await clock.advance(1_999);
      expect(isLetGo).toBe(false);
      await clock.advance(1);
      await ended;
      expect([store.log, book.heldIds]).toEqual([['claim'], ['claim']]);
      await clock.advance(30_000);
      expect([store.log, book.heldIds, clock.pendingTimers]).toEqual([['claim', end], [], 0]);
    },
  );

  it('gives up in the end, and leaves the claim to the sweeper', async () => {
    await book.claim(CLAIM);
    store.failures = Infinity;
    const ended = complete();
    await clock.advance(60_000);
    await ended;
    expect([book.heldIds, clock.pendingTimers]).toEqual([[], 0]);
  });

  it('is not waited for at the end of the process', async () => {
    await book.claim(CLAIM);
    store.failures = Infinity;
    const ended = complete();
    const closed = book.beforeApplicationShutdown();
    await clock.advance(5_000);
    await Promise.all([ended, closed]);
    expect(store.log).toEqual(['claim']);
  });
});

it('leaves the claim to the sweeper when the answer cannot be sealed', async () => {
  await book.claim(CLAIM);
  await complete(() => Promise.reject(new Error('no')));
  expect([book.heldIds, store.log]).toEqual([[], ['claim']]);
});
