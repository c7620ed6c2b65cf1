import cluster, { type Worker } from 'node:cluster';
import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { superviseWorkers } from './supervise-workers.js';

class FakeWorker extends EventEmitter {
  isEnded = false;
  readonly signals: string[] = [];
  readonly process = { kill: (signal: string) => this.signals.push(signal) };

  constructor(readonly id: number) {
    super();
  }

  isDead(): boolean {
    return this.isEnded;
  }

  isConnected(): boolean {
    return !this.isEnded;
  }

  say(type: 'ready' | 'leaving'): void {
    cluster.emit('message', this, { type });
  }

  end(code: number | null, signal: string | null = null): void {
    this.isEnded = true;
    this.emit('exit', code, signal);
  }
}

const STEADY_MS = 10_000;

describe('the supervisor of workers', () => {
  let forked: FakeWorker[];
  let exits: number[];
  let signals: Map<string, () => void>;

  beforeEach(() => {
    jest.useFakeTimers();
    forked = [];
    exits = [];
    signals = new Map();
    jest.spyOn(cluster, 'fork').mockImplementation(() => {
      const worker = new FakeWorker(forked.length + 1);
      forked.push(worker);
      Object.assign(cluster, { workers: Object.fromEntries(forked.map((known) => [known.id, known])) });
      return worker as unknown as Worker;
    });
    jest.spyOn(process, 'on').mockImplementation((event, listener) => {
      signals.set(String(event), listener as () => void);
      return process;
    });
    jest.spyOn(process.stderr, 'write').mockReturnValue(true);
    jest.spyOn(process, 'exit').mockImplementation((code) => {
      exits.push(Number(code));
      return undefined as never;
    });
  });

  afterEach(() => {
    cluster.removeAllListeners('message');
    jest.restoreAllMocks();
    jest.useRealTimers();
  });

  function start(): FakeWorker[] {
    superviseWorkers(2);
    forked[0]?.say('ready');
    expect(forked).toHaveLength(2);
    return forked;
  }

  it('starts the others when the first one listens', () => {
    superviseWorkers(3);
    expect(forked).toHaveLength(1);
    forked[0]?.say('ready');
    expect(forked).toHaveLength(3);
    forked[1]?.say('ready');
    expect(forked).toHaveLength(3);
  });

  it('O29 puts another in the place of one that takes leave at once, and none more when that one is gone', () => {
    const [, failing] = start();
    jest.advanceTimersByTime(STEADY_MS);
    failing?.say('leaving');
    jest.advanceTimersByTime(0);
    expect(forked).toHaveLength(3);
    failing?.end(1);
    jest.runAllTimers();
    expect(forked).toHaveLength(3);
    expect(exits).toEqual([]);
  });

  it('waits longer and longer before it replaces those that do not live long', () => {
    start();
    const pauses: number[] = [];
    for (let count = 0; count < 7; count += 1) {
      const before = forked.length;
      forked.at(-1)?.end(1);
      let waitedMs = 0;
      for (; forked.length === before; waitedMs += 500) jest.advanceTimersByTime(500);
      pauses.push(waitedMs);
    }
    expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
    jest.advanceTimersByTime(STEADY_MS);
    forked.at(-1)?.end(null, 'SIGKILL');
    jest.advanceTimersByTime(0);
    expect(forked).toHaveLength(10);
  });

  it('O10 hands a signal on, replaces nobody any more, and ends as they end', () => {
    const [first, second] = start();
    signals.get('SIGTERM')?.();
    expect([first?.signals, second?.signals]).toEqual([['SIGTERM'], ['SIGTERM']]);
    first?.say('leaving');
    first?.end(0);
    jest.runAllTimers();
    expect(exits).toEqual([]);
    second?.end(0);
    expect(exits).toEqual([0]);
    expect(forked).toHaveLength(2);
  });

  it('O11 kills them at the second signal', () => {
    const [first] = start();
    signals.get('SIGINT')?.();
    signals.get('SIGINT')?.();
    expect(first?.signals).toEqual(['SIGINT']);
    jest.advanceTimersByTime(1_001);
    jest.spyOn(process, 'exit').mockImplementation((code) => {
      throw new Error(`exit ${String(code)}`);
    });
    expect(() => signals.get('SIGINT')?.()).toThrow('exit 130');
    expect(first?.signals).toEqual(['SIGINT', 'SIGKILL']);
  });

  it.each([
    ['that never listened', 0, 1],
    ['that failed while it stopped', 1, 1],
  ])('ends with 1 for a worker %s', (_name, isReady, code) => {
    if (isReady) {
      start();
      signals.get('SIGTERM')?.();
      forked[1]?.end(0);
    } else superviseWorkers(2);
    forked[0]?.end(1);
    expect(exits).toEqual([code]);
  });
});
