import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, NotFoundException } from '@nestjs/common';
import type { Request, Response } from 'express';
import type { CallContext } from '../core/call-context.js';
import { AppError, ClientGoneError } from '../core/errors/app-error.js';
import type { JsonObject } from '../core/json.js';
import { renderAnthropicError } from '../dialects/anthropic-messages/render-error.js';
import { renderOpenAiError } from '../dialects/openai-chat/render-error.js';
import { callOf } from './call-of.js';
import { setErrorHeaders } from './error-headers.js';
import { sendJson } from './json-reply.js';
import { pathOf } from './path-of.js';
import { replySettingsOf } from './reply-settings.js';
import { RouteTable } from './route-table.js';
import { statusOf } from './status-table.js';
import { toAppError } from './to-app-error.js';

/** The one place where failures become answers: whatever was thrown, wherever, in the dialect of the path. */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  constructor(private readonly routes: RouteTable) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    this.answer(thrown, host.switchToHttp().getRequest<Request>(), host.switchToHttp().getResponse<Response>());
  }

  /** Answers a request that failed with what was thrown, unless it has its answer; cuts one that began. */
  answer(thrown: unknown, request: Request, response: Response): void {
    if (response.destroyed || response.writableEnded) return;
    if (response.headersSent || thrown instanceof ClientGoneError) {
      response.destroy();
      return;
    }
    if (isHealthReport(thrown, request)) {
      sendJson(response, thrown.getResponse(), thrown.getStatus());
      return;
    }
    const error = this.#methodError(thrown, request) ?? toAppError(thrown);
    const call = callOf(request);
    const status = statusOf(error.code, call.surface);
    replySettingsOf(response).reportFailure(error);
    setErrorHeaders(response, error, status);
    sendJson(response, renderErrorBody(error, call), status);
  }

  // Nest answers 404 for a known path with another method; HTTP has its own status for that.
  #methodError(thrown: unknown, request: Request): AppError | null {
    if (!(thrown instanceof NotFoundException)) return null;
    const allow = this.routes.methodsAt(pathOf(request));
    if (allow.length === 0 || allow.includes(request.method)) return null;
    const message = `${request.method} is not possible here. Use ${allow.join(' or ')}.`;
    return new AppError('method_not_allowed', message, { allow });
  }
}

/** The body of an error in the dialect of the call's surface. */
function renderErrorBody(error: AppError, call: CallContext): JsonObject {
  if (call.surface === 'anthropic') return renderAnthropicError(error, call.id);
  const body = renderOpenAiError(error, call.id);
  if (call.surface === 'openai') return body;
  const details = error.details ?? (error.param === null ? undefined : [{ path: error.param, message: error.message }]);
  if (!details) return body;
  return {
    error: { ...(body.error as JsonObject), details: details.map((detail) => ({ ...detail })), ...error.facts },
  };
}

// A failed probe's report is its answer, not an error of the request.
function isHealthReport(thrown: unknown, request: Request): thrown is HttpException {
  return (
    thrown instanceof HttpException &&
    thrown.getStatus() === 503 &&
    typeof thrown.getResponse() === 'object' &&
    pathOf(request).startsWith('/health')
  );
}
