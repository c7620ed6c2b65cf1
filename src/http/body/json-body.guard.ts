import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { Request } from 'express';
import { ServerConfig } from '../../config/server-config.js';
import { Clock } from '../../core/clock.js';
import { isJsonObject } from '../../core/json.js';
import { InvalidRequestError } from '../../core/errors/app-error.js';
import { hasBody, readBody } from './read-body.js';
import { parseJson } from './parse-json.js';
import { takesForm } from './takes-form.decorator.js';

const WITHOUT_BODY: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'DELETE']);

/**
 * Reads and parses the JSON body of a request, and refuses what is none. A guard behind that of the keys and not a
 * middleware, so that a body is read only for a route that exists and from a client whose key is good; and not an
 * interceptor, because one alone makes Nest build a dozen observables for every request.
 */
@Injectable()
export class JsonBodyGuard implements CanActivate {
  constructor(
    private readonly server: ServerConfig,
    private readonly clock: Clock,
  ) {}

  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const request = context.switchToHttp().getRequest<Request>();
    if (WITHOUT_BODY.has(request.method) || !hasBody(request)) return true;
    if (request.headers['content-type']?.startsWith('multipart/') && takesForm(context.getHandler())) return true;
    return this.#read(request);
  }

  async #read(request: Request): Promise<boolean> {
    const value = parseJson(await readBody(request, this.server.bodyLimitBytes, this.clock));
    if (!isJsonObject(value)) {
      throw new InvalidRequestError('invalid_request_body', 'The body must be a JSON object, like {"name": "value"}.');
    }
    request.body = value;
    return true;
  }
}
