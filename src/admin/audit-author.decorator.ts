import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';
import type { ChangeAuthor } from '../auth/audit/audit-log.js';
import { callOf } from '../http/call-of.js';

/** Hands a handler who asks for a change; the address is the one that trusted proxies vouch for. */
export const Author = createParamDecorator((_data: unknown, context: ExecutionContext): ChangeAuthor => {
  const request = context.switchToHttp().getRequest<Request>();
  const call = callOf(request);
  return { actor: call.principal.keyId, address: request.ip ?? null, requestId: call.id };
});
