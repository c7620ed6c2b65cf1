import { ConfigurationError } from './config/configuration-error.js';
import { DatabaseStartError } from './database/database-start-error.js';

/** Where the server was to listen. */
export interface ListenAddress {
  host: string;
  port: number;
}

/** The port cannot be opened; the message says why and what to do. */
export class ListenError extends Error {
  override readonly name = 'ListenError';

  /** `madeKey` is the admin key that this start made: no later one can show it, so this failure has to. */
  constructor(address: ListenAddress, cause: unknown, madeKey: string | null) {
    const key = madeKey === null ? '' : `\n\nThe admin key was made already and is shown this once: ${madeKey}`;
    super(`${describeListenFailure(address, cause)}${key}`, { cause });
  }
}

function describeListenFailure({ host, port }: ListenAddress, cause: unknown): string {
  const where = `port ${String(port)} of ${host}`;
  switch (codeOf(cause)) {
    case 'EADDRINUSE':
      return `Another process listens on ${where}. Stop it, or set PORT to another port (0 takes any free one).`;
    case 'EACCES':
      return `This process may not listen on ${where}. Set PORT to one above 1023.`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `HOST=${host} is no address of this machine. Use 127.0.0.1 for this machine only, 0.0.0.0 for every network.`;
    default:
      return `The server cannot listen on ${where}: ${cause instanceof Error ? cause.message : String(cause)}`;
  }
}

function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}

/** What a person reads who started a server that cannot start: what to do about it, or a stack when that is not known. */
export function describeStartFailure(error: unknown): string {
  if (error instanceof ConfigurationError || error instanceof DatabaseStartError || error instanceof ListenError) {
    return error.message;
  }
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
