import type { ProcessRole } from '../core/process-role.js';

/** How the HTTP server behaves; type and injection token in one. */
export abstract class ServerConfig {
  abstract readonly host: string;
  abstract readonly port: number;
  /** Processes that share the port and the work. */
  abstract readonly workers: number;
  abstract readonly role: ProcessRole;
  abstract readonly logLevel: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';
  abstract readonly bodyLimitBytes: number;
  /** Origins that browsers may call from; empty means none. */
  abstract readonly corsOrigins: readonly string[];
  /** Express' `trust proxy`: false, a number of hops, or addresses. */
  abstract readonly trustProxy: false | number | readonly string[];
  /** How long open answers may go on after the port was closed. */
  abstract readonly drainSeconds: number;
  /** How long after SIGTERM the port stays open, while readiness says 503. */
  abstract readonly drainGraceSeconds: number;
  /** Whether `/metrics` asks for a key with the `admin` scope. */
  abstract readonly metricsAuth: boolean;
  /** How long a stream's head is held back for its first content before keep-alives begin. */
  abstract readonly commitMs: number;
}
