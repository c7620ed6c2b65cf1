import { applyDecorators } from '@nestjs/common';
import { ApiResponse } from '@nestjs/swagger';
import { ErrorResponse } from './error-response.dto.js';

const DESCRIPTIONS: Readonly<Record<number, string>> = {
  400: 'The request is not valid; `param` and `message` say what to change.',
  403: 'The key may not do this; `message` says what it lacks.',
  404: 'There is no such thing, or it belongs to another project.',
  408: 'The body took too long to arrive.',
  409: 'The request does not fit the present state.',
  413: 'The body is larger than the server takes.',
  415: 'The body is not `application/json` in UTF-8.',
  422: 'The request is well-formed but cannot be carried out.',
  429: 'A limit or budget is reached; `retry-after` and `x-should-retry` say whether and when to try again.',
  500: 'The server failed; the request id helps to find out why.',
  502: 'No provider could answer.',
  503: 'A provider or a part of the server is overloaded or unavailable for now.',
  504: 'No provider answered in time.',
  507: 'The files of the project take all the room that they may, or the disk is full.',
  529: 'A provider or the server is overloaded; `retry-after` says when to try again.',
};

/** What every route with a JSON body can answer besides its own errors. */
export const BODY_ERRORS = [400, 408, 413, 415, 500] as const;
/** What every route that asks a provider can answer. */
export const PROVIDER_ERRORS = [429, 502, 503, 504] as const;

/** Documents error answers by their statuses. */
export function ApiErrors(...statuses: readonly number[]): MethodDecorator & ClassDecorator {
  return applyDecorators(
    ...statuses.map((status) => ApiResponse({ status, description: DESCRIPTIONS[status] ?? '', type: ErrorResponse })),
  );
}
