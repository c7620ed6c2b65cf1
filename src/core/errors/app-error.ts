import type { JsonObject } from '../json.js';
import { ERROR_CODES, type ErrorCategory, type ErrorCode } from './error-codes.js';

export interface ErrorDetail {
  path: string;
  message: string;
}

export interface AppErrorOptions {
  /** Path of the offending parameter, e.g. `messages[0].role`. */
  param?: string;
  details?: readonly ErrorDetail[];
  /** How long the client should wait before it tries again. */
  retryAfterMs?: number;
  /** False when trying again cannot help. */
  shouldRetry?: boolean;
  /** Values for the `Allow` header of `method_not_allowed`. */
  allow?: readonly string[];
  /** More fields of the error on native routes, for programs. */
  facts?: JsonObject;
  cause?: unknown;
}

/** A failure with a code from the closed list and a message that is safe to show and says what to do. */
export class AppError extends Error {
  override readonly name: string = 'AppError';
  readonly code: ErrorCode;
  readonly param: string | null;
  readonly details: readonly ErrorDetail[] | undefined;
  readonly retryAfterMs: number | undefined;
  readonly shouldRetry: boolean | undefined;
  readonly allow: readonly string[] | undefined;
  readonly facts: JsonObject | undefined;

  constructor(code: ErrorCode, message: string, options: AppErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.param = options.param ?? null;
    this.details = options.details;
    this.retryAfterMs = options.retryAfterMs;
    this.shouldRetry = options.shouldRetry;
    this.allow = options.allow;
    this.facts = options.facts;
  }

  get category(): ErrorCategory {
    return ERROR_CODES[this.code];
  }
}

/** The request itself is wrong; `param` names the offending parameter. */
export class InvalidRequestError extends AppError {
  override readonly name = 'InvalidRequestError';
}

/** The client left before the answer was complete; never shown to anyone, only logged and billed. */
export class ClientGoneError extends Error {
  override readonly name = 'ClientGoneError';

  constructor() {
    super('The client closed the connection before the answer was complete.');
  }
}
