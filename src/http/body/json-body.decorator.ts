import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';
import { InvalidRequestError } from '../../core/errors/app-error.js';
import { isJsonObject, type JsonObject } from '../../core/json.js';

/** Hands a handler the parsed JSON object of the body, unchecked. Throws `invalid_request_body` when there is none. */
export const JsonBody = createParamDecorator((_data: unknown, context: ExecutionContext): JsonObject => {
  const body: unknown = context.switchToHttp().getRequest<Request>().body;
  if (!isJsonObject(body)) {
    throw new InvalidRequestError('invalid_request_body', 'The request has no body. Send a JSON object.');
  }
  return body;
});
