import type { Request } from 'express';
import { InvalidRequestError } from '../../core/errors/app-error.js';
import { isJsonObject, type JsonObject } from '../../core/json.js';

/**
 * The parsed JSON object of the body, unchecked. A function and no decorator of a parameter: each of those costs a request
 * as much as its guards. Throws `invalid_request_body` when there is no body.
 */
export function jsonBodyOf(request: Request): JsonObject {
  const body: unknown = request.body;
  if (!isJsonObject(body)) {
    throw new InvalidRequestError('invalid_request_body', 'The request has no body. Send a JSON object.');
  }
  return body;
}
