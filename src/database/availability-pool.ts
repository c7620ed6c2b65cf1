import pg from 'pg';
import type { PoolGauges } from '../core/telemetry/metric-sources.js';
import { AvailabilityClient } from './availability-client.js';
import { unavailable } from './connection-failure.js';

type ConnectCallback = (
  error: Error | undefined,
  client: pg.PoolClient | undefined,
  release: (error?: unknown) => void,
) => void;

/** Longer than this nobody waits for a connection, though others keep coming free. */
const MOST_WAIT_MS = 30_000;
/** Whoever comes when so many wait would wait in vain. */
export const MOST_WAITING = 1_000;

export interface AvailabilityPoolConfig extends pg.PoolConfig {
  /** How long a server may take for a new connection before those are refused who wait for one; `connectionTimeoutMillis` by default. */
  connectStallMillis?: number;
  /** How long a query may go without an answer before its connection is given up; missing for as long as it takes. */
  answerTimeoutMillis?: number;
}

/**
 * A pool that reports every failure to get a connection as `dependency_unavailable`. `connectionTimeoutMillis` is how long the
 * server has to answer to a new connection, and how long it may be silent while somebody waits for one. A server that is
 * busy and not away does say something, to whoever has a connection: its queue is waited in, unless that is too long already.
 */
export class AvailabilityPool extends pg.Pool {
  readonly #stallMs: number;
  readonly #connectStallMs: number;
  /** Counts the connections that were handed out or came back, and what the server said. */
  readonly #signs: { count: number };
  #acquires = 0;
  #failures = 0;
  #waitedMs = 0;

  constructor(config: AvailabilityPoolConfig = {}) {
    const { connectionTimeoutMillis = MOST_WAIT_MS, answerTimeoutMillis } = config;
    const signs = { count: 0 };
    const onSign = (): void => {
      signs.count += 1;
    };
    class Client extends AvailabilityClient {
      constructor(options?: pg.ClientConfig) {
        super({ ...options, connectionTimeoutMillis, answerTimeoutMillis, onSign });
      }
    }
    super({ ...config, connectionTimeoutMillis: MOST_WAIT_MS, Client });
    this.#stallMs = connectionTimeoutMillis;
    this.#connectStallMs = config.connectStallMillis ?? connectionTimeoutMillis;
    this.#signs = signs;
    this.on('acquire', onSign).on('release', (_error, client) => {
      onSign();
      if (client instanceof AvailabilityClient) client.reset();
    });
  }

  /** The pool as it stands, and what it has counted so far. */
  get gauges(): PoolGauges {
    return {
      size: this.options.max,
      inUse: this.totalCount - this.idleCount,
      waiting: this.waitingCount,
      acquires: this.#acquires,
      failures: this.#failures,
      waitedSeconds: this.#waitedMs / 1_000,
    };
  }

  override connect(): Promise<pg.PoolClient>;
  override connect(callback: ConnectCallback): void;
  override connect(callback?: ConnectCallback): Promise<pg.PoolClient> | undefined {
    if (callback) {
      this.#connect(callback);
      return undefined;
    }
    return new Promise((resolve, reject) => {
      this.#connect((error, client) => {
        if (client) resolve(client);
        else reject(error ?? unavailable(new Error('The pool gave no connection.')));
      });
    });
  }

  #connect(answer: ConnectCallback): void {
    const callback = this.#counted(answer);
    if (this.waitingCount >= MOST_WAITING) {
      const crowded = unavailable(new Error(`${String(MOST_WAITING)} wait for a connection already.`));
      process.nextTick(callback, crowded, undefined, () => undefined);
      return;
    }
    let isOver = false;
    const cancel = this.#onStall((error) => {
      isOver = true;
      callback(unavailable(error), undefined, () => undefined);
    });
    super.connect((error, client, release) => {
      cancel();
      if (!isOver) callback(error && unavailable(error), client, release);
      else if (client) release();
    });
  }

  #counted(callback: ConnectCallback): ConnectCallback {
    const startedAt = performance.now();
    return (error, client, release) => {
      this.#acquires += 1;
      if (!client) this.#failures += 1;
      this.#waitedMs += performance.now() - startedAt;
      callback(error, client, release);
    };
  }

  // Who finds a connection idle that nobody before takes has no queue to watch.
  #onStall(report: (error: Error) => void): () => void {
    if (this.idleCount > this.waitingCount) return () => undefined;
    // A full pool is waited for longer than a server that takes no more connections.
    const stallMs = this.totalCount < this.options.max ? this.#connectStallMs : this.#stallMs;
    let seen = this.#signs.count;
    let isCancelled = false;
    const look = (): void => {
      if (isCancelled) return;
      if (seen === this.#signs.count) {
        cancel();
        report(new Error(`No connection came free, and the server said nothing, for ${String(stallMs)} ms.`));
      }
      seen = this.#signs.count;
    };
    // After a pause of the whole process, what has arrived meanwhile is heard first.
    const timer = setInterval(() => setImmediate(look), stallMs).unref();
    const cancel = (): void => {
      isCancelled = true;
      clearInterval(timer);
    };
    return cancel;
  }
}
