import { Injectable } from '@nestjs/common';
import { AdmissionDoor } from '../../admission/admission-door.js';
import type { CallContext } from '../../core/call-context.js';
import { Clock } from '../../core/clock.js';
import { Telemetry } from '../../core/telemetry/telemetry.js';
import { logEntryOf } from '../../http/log-entry-of.js';
import { OpenCalls } from '../../http/open-calls.js';
import { RequestLog } from '../../http/request-log.js';
import { CLIENT_GONE_STATUS, statusOf } from '../../http/status-table.js';
import { CHAT_SOCKET_PATH } from './chat-socket-path.js';
import type { MessageOutcome } from './message-run.js';

const METHOD = 'WS';

/** Counts and logs each message of a socket as the request that it is. */
@Injectable()
export class MessageBooks {
  constructor(
    private readonly clock: Clock,
    private readonly telemetry: Telemetry,
    private readonly log: RequestLog,
    private readonly openCalls: OpenCalls,
    private readonly door: AdmissionDoor,
  ) {}

  /** Notes that a call is under way; what it returns is told how the call ended, once it is over. */
  open(call: CallContext): (outcome: MessageOutcome) => void {
    const startedAt = this.clock.monotonic();
    this.openCalls.add(call);
    this.telemetry.requestStarted();
    return (outcome) => {
      this.#close(call, outcome, this.clock.monotonic() - startedAt);
    };
  }

  /** Waits for the turn of a call of so many bytes where many are under way. Rejects with `overloaded`, and with the reason of a call that is aborted. */
  admit(call: CallContext, bytes: number): Promise<void> {
    return this.door.enterMessage(call, bytes);
  }

  #close(call: CallContext, outcome: MessageOutcome, ms: number): void {
    const status = toStatus(outcome);
    const error = outcome.kind === 'failed' ? outcome.error : null;
    const request = { method: METHOD, route: CHAT_SOCKET_PATH, status };
    const { surface, answeredBy, costUsd } = call;
    this.telemetry.requestFinished({ ...request, surface, durationSeconds: ms / 1000 });
    if (answeredBy) this.telemetry.requestAnswered({ ...answeredBy, seconds: ms / 1000 });
    if (costUsd !== null) this.telemetry.requestCosted({ surface, costUsd: Number(costUsd) });
    if (error?.code === 'internal_error') this.log.failure(call.id, error.cause ?? error);
    const code = error?.code ?? null;
    call.trace?.ended(call, { ...request, isAnswered: outcome.kind !== 'cancelled', error: code });
    this.log.request(logEntryOf(call, { ...request, ms, error: code }));
  }
}

function toStatus(outcome: MessageOutcome): number {
  switch (outcome.kind) {
    case 'answered':
      return 200;
    case 'failed':
      return statusOf(outcome.error.code);
    case 'cancelled':
      return CLIENT_GONE_STATUS;
  }
}
