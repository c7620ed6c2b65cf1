import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { IncomingMessage } from 'node:http';
import type { Observable } from 'rxjs';
import { callOf } from '../http/call-of.js';
import { PrometheusTelemetry } from './prometheus-telemetry.js';

/**
 * Records what one request cost, when it is over. Cleanups run last first: the settlement, which is deferred later,
 * has put the final cost on the call by then.
 */
@Injectable()
export class CostInterceptor implements NestInterceptor {
  constructor(private readonly telemetry: PrometheusTelemetry) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const call = callOf(context.switchToHttp().getRequest<IncomingMessage>());
    call.defer(() => {
      if (call.costUsd !== null) this.telemetry.requestCosted({ surface: call.surface, costUsd: Number(call.costUsd) });
    });
    return next.handle();
  }
}
