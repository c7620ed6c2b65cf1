import { describe, expect, it, jest } from '@jest/globals';
import type { CallHandler, ExecutionContext } from '@nestjs/common';
import { firstValueFrom, of } from 'rxjs';
import { FakeClock } from '../../test/support/fake-clock.js';
import { CallContext } from '../core/call-context.js';
import { attachCall } from '../http/call-of.js';
import { CostInterceptor } from './cost.interceptor.js';
import { LatencyInterceptor } from './latency.interceptor.js';
import type { PrometheusTelemetry } from './prometheus-telemetry.js';

const handler: CallHandler = { handle: () => of('the head of a stream') };

function newCall(receivedAt = 0): { call: CallContext; context: ExecutionContext } {
  const call = new CallContext({ id: 'req_1', surface: 'openai', receivedAt });
  const request = {};
  attachCall(request as never, call);
  return { call, context: { switchToHttp: () => ({ getRequest: () => request }) } as unknown as ExecutionContext };
}

describe('LatencyInterceptor', () => {
  it.each([
    [{ provider: 'lab', model: 'llama' }, [[{ provider: 'lab', model: 'llama', seconds: 2.5 }]]],
    [null, []],
  ])('records a call answered by %j when it is over, not when the observable is', async (answeredBy, expected) => {
    const clock = new FakeClock();
    const requestAnswered = jest.fn();
    const { call, context } = newCall(clock.now());
    const interceptor = new LatencyInterceptor({ requestAnswered } as unknown as PrometheusTelemetry, clock);
    await firstValueFrom(interceptor.intercept(context, handler));
    expect(requestAnswered).not.toHaveBeenCalled();
    call.answeredBy = answeredBy;
    await clock.advance(2500);
    call.finish();
    expect(requestAnswered.mock.calls).toEqual(expected);
  });
});

describe('CostInterceptor', () => {
  it.each([
    ['0.0012000000', [[{ surface: 'openai', costUsd: 0.0012 }]]],
    [null, []],
  ])('records a cost of %s that the settlement puts on the call at its end', async (costUsd, expected) => {
    const requestCosted = jest.fn();
    const { call, context } = newCall();
    const interceptor = new CostInterceptor({ requestCosted } as unknown as PrometheusTelemetry);
    await firstValueFrom(interceptor.intercept(context, handler));
    call.defer(() => {
      call.costUsd = costUsd;
    });
    call.finish();
    expect(requestCosted.mock.calls).toEqual(expected);
  });
});
