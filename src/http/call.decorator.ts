import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { IncomingMessage } from 'node:http';
import { callOf } from './call-of.js';

/** Hands a handler the CallContext of its request. */
export const Call = createParamDecorator((_data: unknown, context: ExecutionContext) =>
  callOf(context.switchToHttp().getRequest<IncomingMessage>()),
);
