import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { Request } from 'express';
import { ServerConfig } from '../../config/server-config.js';
import { Clock } from '../../core/clock.js';
import { isJsonObject } from '../../core/json.js';
import { InvalidRequestError } from '../../core/errors/app-error.js';
import { callOf } from '../call-of.js';
import { BodyMemory } from './body-memory.js';
import { hasBody, readBody } from './read-body.js';
import { parseJson } from './parse-json.js';
import { takesForm } from './takes-form.decorator.js';

/** What a form has in memory at once, however large it is: it is worked on in pieces as it comes. */
const BYTES_OF_A_FORM = 4 * 1024 ** 2;
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
    private readonly memory: BodyMemory,
  ) {}

  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const request = context.switchToHttp().getRequest<Request>();
    if (WITHOUT_BODY.has(request.method) || !hasBody(request)) return true;
    if (request.headers['content-type']?.startsWith('multipart/') && takesForm(context.getHandler())) {
      this.memory.hold(
        callOf(request),
        Math.min(Number(request.headers['content-length'] ?? Infinity), BYTES_OF_A_FORM),
      );
      return true;
    }
    return this.#read(request);
  }

  async #read(request: Request): Promise<boolean> {
    const call = callOf(request);
    const bytes = await readBody(request, this.server.bodyLimitBytes, this.clock, (size) => {
      this.memory.hold(call, size);
    });
    const value = parseJson(bytes);
    if (!isJsonObject(value)) {
      throw new InvalidRequestError('invalid_request_body', 'The body must be a JSON object, like {"name": "value"}.');
    }
    request.body = value;
    return true;
  }
}
