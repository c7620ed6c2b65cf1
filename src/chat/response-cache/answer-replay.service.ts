import { Injectable } from '@nestjs/common';
import type { CacheStatus } from '../../core/cache-wish.js';
import type { CallContext } from '../../core/call-context.js';
import type { ChatEvent } from '../../core/chat/chat-event.js';
import type { ChatRequest } from '../../core/chat/chat-request.js';
import { Clock } from '../../core/clock.js';
import { addMoney } from '../../core/money.js';
import { UsageMeter } from '../../usage/usage-meter.js';
import { ProviderStateService } from '../provider-state/provider-state.service.js';
import { ReplayedEvents } from './replayed-events.js';
import { eventsOf, type StoredAnswer } from './stored-answer.js';

/** Gives answers again that were kept, whichever cache kept them. */
@Injectable()
export class AnswerReplay {
  constructor(
    private readonly meter: UsageMeter,
    private readonly states: ProviderStateService,
    private readonly clock: Clock,
  ) {}

  /**
   * The answer for a request that it fits, at no cost: whoever may use the model gets it, within the limits of requests, and
   * the call's row says what it saved. Rejects with `model_not_allowed` and `rate_limit_exceeded` as a new answer would.
   */
  async replay(
    stored: StoredAnswer,
    request: ChatRequest,
    call: CallContext,
    status: CacheStatus,
  ): Promise<AsyncIterable<ChatEvent>> {
    const meter = await this.meter.admitJoined(request, call);
    const { answeredBy, costUsd, warnings } = stored;
    call.answeredBy = { ...answeredBy };
    call.cacheStatus = status;
    call.firstContentMs ??= Math.max(0, this.clock.now() - call.receivedAt);
    for (const warning of warnings) if (!call.warnings.includes(warning)) call.warnings.push(warning);
    if (costUsd !== null) call.savedUsd = call.savedUsd === null ? costUsd : addMoney(call.savedUsd, costUsd);
    const events = meter.meter(new ReplayedEvents(eventsOf(stored, request.stream)));
    return this.states.keepingOf(request, call)?.watch(events) ?? events;
  }
}
