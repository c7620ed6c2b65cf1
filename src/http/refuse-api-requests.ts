import type { IncomingMessage, ServerResponse } from 'node:http';
import { AppError } from '../core/errors/app-error.js';
import { pathOf } from './path-of.js';

const OPEN = /^\/(?:health\/|metrics$)/i;

/** A middleware for a process that only works in the background: nothing but probes and metrics is answered there. */
export function refuseApiRequests(
  request: IncomingMessage,
  _response: ServerResponse,
  next: (error?: AppError) => void,
): void {
  if (OPEN.test(pathOf(request))) {
    next();
    return;
  }
  const message = 'This process only runs jobs (ROLE=worker). Send the request to one that takes requests.';
  next(new AppError('not_found', message));
}
