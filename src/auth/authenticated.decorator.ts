import { applyDecorators } from '@nestjs/common';
import { ApiBearerAuth, ApiResponse, ApiSecurity } from '@nestjs/swagger';
import type { Scope } from '../core/principal.js';
import { ErrorResponse } from '../http/error-response.dto.js';
import { Access } from '../http/route-access.js';

/** Names of the two security schemes in the OpenAPI document. */
export const BEARER_SCHEME = 'bearer';
export const API_KEY_SCHEME = 'x-api-key';

/** The route needs a valid key, of the given scope when one is named; documents both headers and the refusals. */
export function Authenticated(scope: Scope | null = null): ClassDecorator & MethodDecorator {
  const decorators = [
    Access({ kind: 'key', scope }),
    ApiBearerAuth(BEARER_SCHEME),
    ApiSecurity(API_KEY_SCHEME),
    refusal(401, 'No key, several keys, or a key that is not valid.'),
    refusal(429, 'Too many requests, or too many refused keys from this address.'),
    refusal(503, 'The key cannot be checked for now, or the server is overloaded.'),
  ];
  if (scope !== null) decorators.push(refusal(403, `The key lacks the scope \`${scope}\`.`));
  return applyDecorators(...decorators);
}

function refusal(status: number, description: string): ClassDecorator & MethodDecorator {
  return ApiResponse({ status, description, type: ErrorResponse });
}
