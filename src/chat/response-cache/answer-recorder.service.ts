import { Injectable, Logger } from '@nestjs/common';
import { GatewayConfig } from '../../config/gateway-config.js';
import type { CallContext } from '../../core/call-context.js';
import type { ChatEvent } from '../../core/chat/chat-event.js';
import type { ChatRequest } from '../../core/chat/chat-request.js';
import { ChatCollector } from '../../core/chat/collect-chat.js';
import type { ChatResult } from '../../core/chat/chat-result.js';
import { Clock } from '../../core/clock.js';
import { subtractMoney } from '../../core/money.js';
import { SchemaChecker } from '../structured/schema-checker.service.js';
import { isOfOnePiece, isStorable } from './is-storable.js';
import { RecordedEvents } from './recorded-events.js';
import type { StoredAnswer } from './stored-answer.js';

/** Where a call stood before a request of it was sent. */
interface Mark {
  readonly attempts: number;
  readonly costUsd: string | null;
  readonly warnings: number;
}

/** Takes down answers on their way to the client, for whichever cache keeps them. */
@Injectable()
export class AnswerRecorder {
  readonly #logger = new Logger(AnswerRecorder.name);
  readonly #maxBytes: number;

  constructor(
    gateway: GatewayConfig,
    private readonly clock: Clock,
    private readonly checker: SchemaChecker,
  ) {
    this.#maxBytes = gateway.caches.exact.maxAnswerBytes;
  }

  /**
   * The same answer; `keep` gets it when it was read to its end and is fit to be given again, which errors, broken, cut,
   * filtered and refused ones never are. `send` is asked within the call.
   */
  async record(
    send: () => Promise<AsyncIterable<ChatEvent>>,
    request: ChatRequest,
    call: CallContext,
    keep: (answer: StoredAnswer) => void,
  ): Promise<AsyncIterable<ChatEvent>> {
    const mark = { attempts: call.attempts.length, costUsd: call.costUsd, warnings: call.warnings.length };
    return new RecordedEvents(await send(), this.#maxBytes, (events) => {
      // The client has its answer; that it is not kept is nobody's failure.
      this.#keep(events, request, call, mark, keep).catch((error: unknown) => {
        this.#logger.error('An answer could not be kept.', error);
      });
    });
  }

  // Nobody waits for this; what needs no second look is kept at once.
  async #keep(
    events: readonly ChatEvent[],
    request: ChatRequest,
    call: CallContext,
    mark: Mark,
    keep: (answer: StoredAnswer) => void,
  ): Promise<void> {
    const { answeredBy, attempts } = call;
    if (!answeredBy || !isOfOnePiece(attempts.slice(mark.attempts))) return;
    const collector = new ChatCollector();
    for (const event of events) collector.add(event);
    const result = collector.result();
    if (!isStorable(result, request)) return;
    const stored = this.#toStored(events, request, call, { ...mark, answeredBy });
    if (isUnchecked(events, request) && !(await this.#matches(result, request, call))) return;
    keep(stored);
  }

  // A form that nobody enforced may not be met, though it is JSON.
  async #matches(
    { choices }: ChatResult,
    { responseFormat: format }: ChatRequest,
    { principal }: CallContext,
  ): Promise<boolean> {
    if (format?.type !== 'json-schema') return true;
    const asker = { projectId: principal.projectId, feature: null };
    const checks = await Promise.all(choices.map(({ text }) => this.checker.check(format.schema, text, asker)));
    return checks.every(({ kind }) => kind === 'valid');
  }

  #toStored(
    events: readonly ChatEvent[],
    request: ChatRequest,
    { costUsd, warnings }: CallContext,
    mark: Mark & Pick<StoredAnswer, 'answeredBy'>,
  ): StoredAnswer {
    return {
      events,
      isStreamed: request.stream,
      answeredBy: mark.answeredBy,
      costUsd: mark.costUsd === null || costUsd === null ? costUsd : subtractMoney(costUsd, mark.costUsd),
      warnings: warnings.slice(mark.warnings),
      storedAt: this.clock.now(),
    };
  }
}

function isUnchecked(events: readonly ChatEvent[], { responseFormat: format }: ChatRequest): boolean {
  // Providers hold to a schema only where it is strict, and whoever checks the answer itself would meet a wrong one again.
  if (format?.type === 'json-schema' && (format.strict !== true || format.isCheckedByCaller === true)) return true;
  return events.some((event) => event.type === 'response-start' && event.isFormEmulated === true);
}
