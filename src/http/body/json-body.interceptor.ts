import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { Request } from 'express';
import type { Observable } from 'rxjs';
import { ServerConfig } from '../../config/server-config.js';
import { Clock } from '../../core/clock.js';
import { isJsonObject } from '../../core/json.js';
import { InvalidRequestError } from '../../core/errors/app-error.js';
import { hasBody, readBody } from './read-body.js';
import { parseJson } from './parse-json.js';

const WITHOUT_BODY: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'DELETE']);

/**
 * Reads and parses the JSON body of a request. An interceptor and not a middleware, so that a body is read only for a
 * route that exists and from a client whose key is good.
 */
@Injectable()
export class JsonBodyInterceptor implements NestInterceptor {
  constructor(
    private readonly server: ServerConfig,
    private readonly clock: Clock,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> | Promise<Observable<unknown>> {
    const request = context.switchToHttp().getRequest<Request>();
    if (WITHOUT_BODY.has(request.method) || !hasBody(request)) return next.handle();
    return this.#read(request, next);
  }

  async #read(request: Request, next: CallHandler): Promise<Observable<unknown>> {
    const value = parseJson(await readBody(request, this.server.bodyLimitBytes, this.clock));
    if (!isJsonObject(value)) {
      throw new InvalidRequestError('invalid_request_body', 'The body must be a JSON object, like {"name": "value"}.');
    }
    request.body = value;
    return next.handle();
  }
}
