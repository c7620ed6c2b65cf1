import pg from 'pg';
import { AppError } from '../core/errors/app-error.js';

type ConnectCallback = (
  error: Error | undefined,
  client: pg.PoolClient | undefined,
  release: (error?: unknown) => void,
) => void;

// Class 08 is connection failure; 57P are shutdown, crash, start-up and a dropped database; 53300 is too many connections.
const UNAVAILABLE_STATE = /^(08|57P0|53300)/;
const UNAVAILABLE_SYSTEM = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ENOENT',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENOTFOUND',
]);

/** The same failure as `dependency_unavailable` when it means that the server cannot be reached; any other as it is. */
export function toAvailabilityError(error: unknown): Error {
  const failure = error instanceof Error ? error : new Error(String(error));
  const code = 'code' in failure && typeof failure.code === 'string' ? failure.code : '';
  const isUnavailable =
    UNAVAILABLE_STATE.test(code) ||
    UNAVAILABLE_SYSTEM.has(code) ||
    // The driver gives its own failures no code.
    failure.message.startsWith('Connection terminated') ||
    failure.message.startsWith('Client has encountered a connection error');
  return isUnavailable ? unavailable(failure) : failure;
}

function unavailable(cause: Error): AppError {
  return new AppError('dependency_unavailable', 'The database is not available. Try again shortly.', {
    retryAfterMs: 1_000,
    cause,
  });
}

/** A client whose promises fail with `dependency_unavailable` when the connection broke under them. */
class AvailabilityClient extends pg.Client {
  constructor(config?: string | pg.ClientConfig) {
    super(config);
    const query = this.query.bind(this) as (...parameters: unknown[]) => unknown;
    const guarded = (...parameters: unknown[]): unknown => {
      const result = query(...parameters);
      if (!(result instanceof Promise)) return result;
      return result.catch((error: unknown) => {
        throw toAvailabilityError(error);
      });
    };
    Object.assign(this, { query: guarded });
  }
}

/** Longer than this nobody waits for a connection, though others keep coming free. */
const MOST_WAIT_MS = 30_000;

/**
 * A pool that reports every failure to get a connection as `dependency_unavailable`. `connectionTimeoutMillis` is how long the
 * server has to answer to a new connection, and how long none at all may come free; a queue that moves is waited in.
 */
export class AvailabilityPool extends pg.Pool {
  readonly #stallMs: number;
  /** Counts the connections that were handed out or came back. */
  #moves = 0;

  constructor(config: pg.PoolConfig = {}) {
    const { connectionTimeoutMillis = MOST_WAIT_MS } = config;
    class Client extends AvailabilityClient {
      constructor(options?: pg.ClientConfig) {
        super({ ...options, connectionTimeoutMillis });
      }
    }
    super({ ...config, connectionTimeoutMillis: MOST_WAIT_MS, Client });
    this.#stallMs = connectionTimeoutMillis;
    const move = (): void => {
      this.#moves += 1;
    };
    this.on('acquire', move).on('release', move);
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

  #connect(callback: ConnectCallback): void {
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

  // Who finds a connection idle has no queue to watch.
  #onStall(report: (error: Error) => void): () => void {
    if (this.idleCount > 0) return () => undefined;
    let seen = this.#moves;
    let isCancelled = false;
    const look = (): void => {
      if (isCancelled) return;
      if (seen === this.#moves) {
        cancel();
        report(new Error(`No connection came free within ${String(this.#stallMs)} ms.`));
      }
      seen = this.#moves;
    };
    // After a pause of the whole process, what has arrived meanwhile is heard first.
    const timer = setInterval(() => setImmediate(look), this.#stallMs).unref();
    const cancel = (): void => {
      isCancelled = true;
      clearInterval(timer);
    };
    return cancel;
  }
}
