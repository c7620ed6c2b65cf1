import { Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';
import { ServerConfig } from '../config/server-config.js';
import { Clock } from '../core/clock.js';
import type { CallContext } from '../core/call-context.js';
import { ClientGoneError, type AppError } from '../core/errors/app-error.js';
import { Telemetry } from '../core/telemetry/telemetry.js';
import { setAnswerHeaders } from './answer-headers.js';
import { beforeHead, type Headers } from './answer-head.js';
import { attachCall } from './call-of.js';
import { createCall } from './create-call.js';
import { logEntryOf } from './log-entry-of.js';
import { attachReplySettings } from './reply-settings.js';
import { RequestLog } from './request-log.js';
import { RouteTable } from './route-table.js';
import { setSecurityHeaders } from './security-headers.js';
import { CLIENT_GONE_STATUS, SWITCHED_STATUS } from './status-table.js';

/** Makes the call of every request, and closes its books when the response is over, however it ended. */
@Injectable()
export class CallContextMiddleware {
  constructor(
    private readonly server: ServerConfig,
    private readonly clock: Clock,
    private readonly telemetry: Telemetry,
    private readonly log: RequestLog,
    private readonly routes: RouteTable,
  ) {}

  /** To be the first thing that happens to a request. */
  open(request: Request, response: Response): void {
    const startedAt = this.clock.monotonic();
    const call = createCall(request, this.clock);
    attachCall(request, call);
    let failure: AppError | null = null;
    let isStream = false;
    this.telemetry.requestStarted();
    attachReplySettings(response, {
      clock: this.clock,
      commitMs: this.server.commitMs,
      reportFailure: (error) => {
        failure ??= error;
        if (error.code === 'internal_error') this.log.failure(call.id, error.cause ?? error);
      },
      streamOpened: () => {
        if (response.closed) return;
        isStream = true;
        this.telemetry.streamOpened();
      },
    });
    beforeHead(response, (headers) => {
      headers.setHeader('x-request-id', call.id);
      if (call.surface === 'anthropic') headers.setHeader('request-id', call.id);
      headers.setHeader('X-Response-Time', `${String(Math.round(this.clock.monotonic() - startedAt))}ms`);
      setSecurityHeaders(headers);
      setAnswerHeaders(headers, call, this.clock.now());
      if (call.surface !== 'operations' || call.isAuthenticated) keepPrivate(headers);
    });
    // The request's own `close` comes as soon as its body was read; only the response's tells that the client left.
    response.once('close', () => {
      if (!isAnswered(response)) call.abort(new ClientGoneError());
      call.finish();
      if (isStream) this.telemetry.streamClosed();
      this.#account(request, response, call, this.clock.monotonic() - startedAt, failure);
    });
  }

  #account(request: Request, response: Response, call: CallContext, ms: number, failure: AppError | null): void {
    const status = isAnswered(response) ? response.statusCode : CLIENT_GONE_STATUS;
    const route = this.routes.patternOf(request);
    const method = request.method;
    this.telemetry.requestFinished({ method, route, status, surface: call.surface, durationSeconds: ms / 1000 });
    const error = failure?.code ?? null;
    call.trace?.ended(call, { method, route, status, isAnswered: isAnswered(response), error });
    this.log.request(logEntryOf(call, { method, route, status, ms, error }));
  }
}

// A connection that went on in another protocol had its answer by that.
function isAnswered(response: Response): boolean {
  return response.writableFinished || response.statusCode === SWITCHED_STATUS;
}

const IDENTITY = 'Authorization, X-API-Key';

// Answers depend on who asked; nobody between may keep or share them. A reply that says so itself is left alone.
function keepPrivate(headers: Headers): void {
  if (!headers.hasHeader('cache-control')) headers.setHeader('cache-control', 'no-store');
  const vary = headers.getHeader('vary');
  headers.setHeader('vary', vary === undefined ? IDENTITY : `${String(vary)}, ${IDENTITY}`);
}
