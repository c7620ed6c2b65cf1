import { type ArgumentMetadata, Injectable, ValidationPipe } from '@nestjs/common';
import { InvalidRequestError } from '../core/errors/app-error.js';
import { roundNumbers } from '../core/exact-json.js';
import type { JsonValue } from '../core/json.js';
import { checkNames, checkParameter, checkQuery } from './check-raw-input.js';
import { toInvalidRequest } from './to-invalid-request.js';

/**
 * Checks DTO classes: fields that a DTO does not have are refused, nothing is converted silently, and all problems are
 * reported at once as one InvalidRequestError with details.
 */
@Injectable()
export class RequestValidationPipe extends ValidationPipe {
  constructor() {
    super({
      whitelist: true,
      forbidNonWhitelisted: true,
      transform: true,
      exceptionFactory: toInvalidRequest,
    });
  }

  // What a decorator of ours hands out was checked by it.
  override transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    return metadata.type === 'custom' ? (value as Promise<unknown>) : this.#check(value, metadata);
  }

  async #check(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    if (metadata.type === 'param') checkParameter(value);
    if (metadata.type === 'query') checkQuery(value);
    try {
      if (metadata.type === 'body' || metadata.type === 'query') checkNames(value);
      // DTO classes know no numbers but doubles.
      const plain = metadata.type === 'body' && value !== undefined ? roundNumbers(value as JsonValue) : value;
      return (await super.transform(plain, metadata)) as unknown;
    } catch (thrown) {
      if (!(thrown instanceof InvalidRequestError)) throw thrown;
      if (metadata.type === 'body' && value === undefined) {
        throw new InvalidRequestError('invalid_request_body', `The request has no body. ${thrown.message}`, {
          details: thrown.details,
        });
      }
      throw metadata.type === 'query' ? toQueryError(thrown) : thrown;
    }
  }
}

// Everything in a query is text: what is wrong with it is one thing to a client.
function toQueryError(error: InvalidRequestError): InvalidRequestError {
  if (error.code !== 'invalid_type' && error.code !== 'invalid_value') return error;
  return new InvalidRequestError('invalid_query', error.message, {
    param: error.param ?? undefined,
    details: error.details,
  });
}
