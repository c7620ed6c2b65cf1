import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { IncomingMessage } from 'node:http';
import type { Observable } from 'rxjs';
import { Clock } from '../core/clock.js';
import { callOf } from '../http/call-of.js';
import { PrometheusTelemetry } from './prometheus-telemetry.js';

/**
 * Records how long a request took whole, by the target that answered it. It reads the call when that is over, because a
 * stream outlives the observable that opened it.
 */
@Injectable()
export class LatencyInterceptor implements NestInterceptor {
  constructor(
    private readonly telemetry: PrometheusTelemetry,
    private readonly clock: Clock,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const call = callOf(context.switchToHttp().getRequest<IncomingMessage>());
    call.defer(() => {
      if (call.answeredBy === null) return;
      const ms = Math.max(0, this.clock.now() - call.receivedAt);
      this.telemetry.requestAnswered({ ...call.answeredBy, seconds: ms / 1000 });
    });
    return next.handle();
  }
}
