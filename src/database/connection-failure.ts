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

/** A pool that reports every failure to get a connection as `dependency_unavailable`: unreachable, refused or all taken. */
export class AvailabilityPool extends pg.Pool {
  constructor(config?: pg.PoolConfig) {
    super({ ...config, Client: AvailabilityClient });
  }

  override connect(): Promise<pg.PoolClient>;
  override connect(callback: ConnectCallback): void;
  override connect(callback?: ConnectCallback): Promise<pg.PoolClient> | undefined {
    if (!callback) {
      return super.connect().catch((error: unknown) => {
        throw unavailable(error instanceof Error ? error : new Error(String(error)));
      });
    }
    super.connect((error, client, release) => {
      callback(error && unavailable(error), client, release);
    });
    return undefined;
  }
}
