import type { ReadyIterator } from './ready-iterator.js';

/** What is shared: where its elements come from, and what follows when that is over. */
export interface Launch<T, C> {
  /** For members to look at. */
  readonly context: C;
  /** Resolves when the elements begin; rejects for everybody when there will be none. */
  readonly source: Promise<AsyncIterable<T>>;
  /** The last one who waited has left, perhaps with a reason: nothing more is wanted. Comes before `over`. */
  abandoned(reason: Error | null): void;
  /** There will be no more elements, for whatever reason. Called once. */
  over(): void;
}

/**
 * One piece of work for all who ask for the same at the same time. Each member reads all of its elements from the first one
 * on, at a pace of its own; the work is abandoned when the last member has left, and nobody joins what is over.
 */
export class SingleFlight<T, C> {
  readonly #flights = new Map<string, Flight<T, C>>();

  /** How many are under way. */
  get size(): number {
    return this.#flights.size;
  }

  /** Whether something is under way for the key. */
  has(key: string): boolean {
    return this.#flights.has(key);
  }

  /** A further member of what is under way for the key; null when there is nothing. */
  join(key: string): FlightMember<T, C> | null {
    return this.#flights.get(key)?.enter() ?? null;
  }

  /** Begins the work for the key; who asks for the same from now on may join. */
  launch(key: string, start: () => Launch<T, C>): FlightMember<T, C> {
    const flight = new Flight(start(), () => {
      if (this.#flights.get(key) === flight) this.#flights.delete(key);
    });
    this.#flights.set(key, flight);
    return flight.enter();
  }
}

/** The work, and what came of it so far: all of it is kept, for those who join later. */
class Flight<T, C> {
  readonly launch: Launch<T, C>;
  readonly elements: T[] = [];
  /** How it ended; null while it goes on. */
  end: { readonly failure: Error | null } | null = null;
  hasBegun = false;
  readonly #members = new Set<FlightMember<T, C>>();
  readonly #forget: () => void;
  #iterator: ReadyIterator<T> | null = null;
  #isPulling = true;

  constructor(launch: Launch<T, C>, forget: () => void) {
    this.launch = launch;
    this.#forget = forget;
    launch.source.then(this.#begin, this.#fail);
  }

  enter(): FlightMember<T, C> {
    const member = new FlightMember(this);
    this.#members.add(member);
    return member;
  }

  leave(member: FlightMember<T, C>, reason: Error | null): void {
    if (!this.#members.delete(member) || this.#members.size > 0 || this.end) return;
    this.launch.abandoned(reason);
    this.#close();
  }

  /** Asks for the next element, unless that was asked already; every member is woken when there is something new. */
  pull(): void {
    if (this.#isPulling || this.end || !this.#iterator) return;
    this.#isPulling = true;
    this.#iterator.next().then(this.#add, this.#fail);
  }

  /** Takes over an element that the source has already. */
  take(): T | undefined {
    if (this.#isPulling || this.end) return undefined;
    try {
      const element = this.#iterator?.take?.();
      if (element !== undefined) this.elements.push(element);
      return element;
    } catch (thrown) {
      this.#fail(thrown);
      return undefined;
    }
  }

  readonly #begin = (source: AsyncIterable<T>): void => {
    this.#iterator = source[Symbol.asyncIterator]();
    this.#isPulling = false;
    this.hasBegun = true;
    if (this.end) this.#returnSource();
    this.#wake();
  };

  readonly #add = (result: IteratorResult<T, unknown>): void => {
    this.#isPulling = false;
    if (result.done) {
      this.#finish(null);
      return;
    }
    this.elements.push(result.value);
    this.#wake();
  };

  readonly #fail = (thrown: unknown): void => {
    this.#finish(thrown instanceof Error ? thrown : new Error(String(thrown)));
  };

  #close(): void {
    this.#returnSource();
    this.#finish(null);
  }

  #finish(failure: Error | null): void {
    if (this.end) return;
    this.end = { failure };
    this.#forget();
    this.launch.over();
    this.#wake();
  }

  #returnSource(): void {
    // What cannot even be closed properly has nothing left to tell.
    this.#iterator?.return?.().catch(() => undefined);
  }

  #wake(): void {
    for (const member of this.#members) member.wake();
  }
}

/** One who reads along. Whoever stops early calls `return`, or `leave` with the reason that a waiting read rejects with. */
export class FlightMember<T, C> implements AsyncIterableIterator<T, undefined> {
  readonly #flight: Flight<T, C>;
  #position = 0;
  #hasLeft = false;
  #reason: Error | null = null;
  #wakeUp: (() => void) | null = null;

  constructor(flight: Flight<T, C>) {
    this.#flight = flight;
  }

  /** What was launched with it. */
  get context(): C {
    return this.#flight.launch.context;
  }

  /** Resolves when the elements begin; rejects when there are none, or with the reason of leaving. */
  async opened(): Promise<void> {
    while (!this.#flight.hasBegun && (!this.#hasLeft || this.#reason)) {
      this.#throwIfOver();
      await this.#change();
    }
    this.#throwIfLeft();
  }

  async next(): Promise<IteratorResult<T, undefined>> {
    for (;;) {
      this.#throwIfLeft();
      if (this.#hasLeft) return { done: true, value: undefined };
      const element = this.take();
      if (element !== undefined) return { done: false, value: element };
      if (this.#flight.end) {
        this.#throwIfOver();
        return { done: true, value: undefined };
      }
      this.#flight.pull();
      await this.#change();
    }
  }

  take(): T | undefined {
    if (this.#hasLeft) return undefined;
    const { elements } = this.#flight;
    const element = this.#position < elements.length ? elements[this.#position] : this.#flight.take();
    if (element !== undefined) this.#position += 1;
    return element;
  }

  return(): Promise<IteratorResult<T, undefined>> {
    this.leave(null);
    return Promise.resolve({ done: true, value: undefined });
  }

  /** Does nothing when it was done before. */
  leave(reason: Error | null): void {
    if (this.#hasLeft) return;
    this.#hasLeft = true;
    this.#reason = reason;
    this.#flight.leave(this, reason);
    this.wake();
  }

  /** Something is new: called by the flight. */
  wake(): void {
    const wakeUp = this.#wakeUp;
    this.#wakeUp = null;
    wakeUp?.();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#wakeUp = resolve;
    });
  }

  #throwIfLeft(): void {
    if (this.#reason) throw this.#reason;
  }

  #throwIfOver(): void {
    this.#throwIfLeft();
    const failure = this.#flight.end?.failure;
    if (failure) throw failure;
  }
}
