import type { Request, Response } from 'express';
import type { AppError } from '../core/errors/app-error.js';
import type { ErrorFilter } from './error.filter.js';
import type { OpenCall } from './open-calls.js';

/** A handler that hears of the end may still answer by itself, in the way of its dialect, for so long. */
const OWN_ANSWER_MS = 500;

/** Ends a call with an error, which its client gets to read also where the handler hears of nothing or is gone. */
export function endCall({ call, response }: OpenCall, error: AppError, errors: ErrorFilter): void {
  call?.abort(error);
  if (!response) return;
  setTimeout(() => {
    if (!response.headersSent) errors.answer(error, response.req as Request, response as Response);
  }, OWN_ANSWER_MS);
}
