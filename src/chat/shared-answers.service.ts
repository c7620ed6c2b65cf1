import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { GatewayConfig } from '../config/gateway-config.js';
import { CallContext, type Surface } from '../core/call-context.js';
import type { ChatEvent } from '../core/chat/chat-event.js';
import type { ChatRequest } from '../core/chat/chat-request.js';
import { Clock } from '../core/clock.js';
import { ClientGoneError } from '../core/errors/app-error.js';
import type { Principal } from '../core/principal.js';
import { type FlightMember, type Launch, SingleFlight } from '../core/single-flight.js';
import { addMoney } from '../core/money.js';
import { Telemetry } from '../core/telemetry/telemetry.js';
import { toAbortError } from '../providers/to-app-error.js';
import { UsageMeter } from '../usage/usage-meter.js';
import { BareEvents } from './bare-events.js';
import type { AnswerChat, ChatLayer } from './chat-layer.js';

interface Payer {
  readonly call: CallContext;
  /** Whether the request was let through: one that may not be sent for its sender may be for others. */
  readonly isAdmitted: Promise<boolean>;
  /** The wire mode of what is sent. */
  readonly isStreamed: boolean;
}

type Reader = FlightMember<ChatEvent, Payer>;

/** Calls that consist of their one request, which is what a row of the ledger stands for. */
const SURFACES: ReadonlySet<Surface> = new Set<Surface>(['openai', 'anthropic', 'native']);

/**
 * Lets identical requests of one project that are under way at once share one answer, for models that allow it. The first
 * one is sent, in a call of its own that lasts until everybody has read or left, and pays; the others cost nothing.
 */
@Injectable()
export class SharedAnswers implements ChatLayer {
  readonly #models: ReadonlySet<string>;
  readonly #flights = new SingleFlight<ChatEvent, Payer>();
  readonly #payers = new WeakSet<CallContext>();

  constructor(
    gateway: GatewayConfig,
    private readonly meter: UsageMeter,
    private readonly clock: Clock,
    private readonly telemetry: Telemetry,
  ) {
    this.#models = new Set(gateway.models.filter(({ singleFlight }) => singleFlight).map(({ name }) => name));
  }

  answer(request: ChatRequest, call: CallContext, next: AnswerChat): Promise<AsyncIterable<ChatEvent>> | null {
    if (!this.#models.has(request.model) || !this.canShare(call)) return null;
    return this.share(keyOf(request, call.principal), request, call, next);
  }

  /**
   * Tells whether a request of the call may share an answer. One with a deadline of its own goes alone: it would end the
   * others; and so does one of a call with other requests, or that is sent for others already.
   */
  canShare(call: CallContext): boolean {
    const { surface, deadline, hasSteps, books, attempts } = call;
    const isFirst = books === null && attempts.length === 0;
    return SURFACES.has(surface) && deadline === Infinity && !hasSteps && isFirst && !this.#payers.has(call);
  }

  /** A key among those whose answers are as long as this one's: a budget sets an output limit where the client set none. */
  nameOf(key: string, request: ChatRequest, { principal }: CallContext): string {
    return isLimited(request, principal) ? `${key}/limited` : key;
  }

  /** Whether an answer with the key can be joined now. */
  isUnderWay(key: string): boolean {
    return this.#flights.has(key);
  }

  /** As `answer`, for a request that may share with whoever has the same key; in either wire mode. */
  async share(
    key: string,
    request: ChatRequest,
    call: CallContext,
    send: AnswerChat,
  ): Promise<AsyncIterable<ChatEvent>> {
    for (;;) {
      const reader = this.#flights.join(key);
      if (!reader) return this.#lead(key, request, call, send);
      const events = await this.#follow(reader, request, call);
      if (events) return events;
    }
  }

  async #lead(
    key: string,
    request: ChatRequest,
    call: CallContext,
    send: AnswerChat,
  ): Promise<AsyncIterable<ChatEvent>> {
    const payer = payingCall(call);
    this.#payers.add(payer);
    const reader = this.#flights.launch(key, () => launch(payer, call, request.stream, () => send(request, payer)));
    tie(reader, call);
    try {
      await reader.opened();
    } finally {
      mirror(payer, call);
    }
    return reader;
  }

  // Null when the request that was to be followed was not let through.
  async #follow(reader: Reader, request: ChatRequest, call: CallContext): Promise<AsyncIterable<ChatEvent> | null> {
    const { call: payer, isAdmitted, isStreamed } = reader.context;
    tie(reader, call);
    const canFollow = await isAdmitted;
    if (call.signal.aborted) throw toAbortError(call);
    if (!canFollow) return null;
    const meter = await this.meter.admitJoined(request, call).catch((error: unknown) => {
      reader.leave(null);
      throw error;
    });
    try {
      await reader.opened();
    } catch (error) {
      meter.fail(error);
      throw error;
    }
    this.#note(payer, call);
    return meter.meter(isStreamed === request.stream ? reader : new BareEvents(reader));
  }

  #note(payer: CallContext, call: CallContext): void {
    const { answeredBy, routeReason, warnings } = payer;
    Object.assign(call, { answeredBy, routeReason, firstContentMs: Math.max(0, this.clock.now() - call.receivedAt) });
    call.warnings.push(...warnings);
    if (answeredBy) this.telemetry.answerShared(answeredBy);
    if (payer.cacheStatus !== null) call.cacheStatus = payer.cacheStatus === 'miss' ? 'hit' : payer.cacheStatus;
    call.defer(() => {
      if (payer.settled) call.savedUsd = savedBy(payer);
    });
  }
}

// Nobody else's answer is to be cut short by the limit of a budget.
function isLimited({ maxOutputTokens }: ChatRequest, { budgets }: Principal): boolean {
  return maxOutputTokens === undefined && budgets.length > 0;
}

function keyOf(request: ChatRequest, principal: Principal): string {
  return createHash('sha256')
    .update(JSON.stringify([principal.projectId, isLimited(request, principal), request]))
    .digest('base64');
}

/** The call that pays: the sender's in everything but its end. */
function payingCall(sender: CallContext): CallContext {
  const { id, surface, receivedAt, principal, tags, cacheWish, requestedModel, cacheStatus, trace } = sender;
  const call = new CallContext({ id, surface, receivedAt, principal, tags, cacheWish });
  return Object.assign(call, { requestedModel, cacheStatus, trace });
}

// An answer that was kept cost the payer nothing, and saved the same to all.
function savedBy({ costUsd, savedUsd }: CallContext): string | null {
  return costUsd === null || savedUsd === null ? costUsd : addMoney(costUsd, savedUsd);
}

function launch(
  payer: CallContext,
  call: CallContext,
  isStreamed: boolean,
  send: () => Promise<AsyncIterable<ChatEvent>>,
): Launch<ChatEvent, Payer> {
  let admitted: (isAdmitted: boolean) => void = () => undefined;
  const isAdmitted = new Promise<boolean>((resolve) => (admitted = resolve));
  payer.onAdmitted = (operation) => {
    // What is asked on the way to an answer may pass where the request itself will not.
    if (operation !== 'chat') return;
    admitted(true);
    call.onAdmitted?.(operation);
  };
  const source = send();
  source.then(
    () => undefined,
    () => {
      admitted(false);
    },
  );
  return {
    context: { call: payer, isAdmitted, isStreamed },
    source,
    abandoned: (reason) => {
      payer.abort(reason ?? new ClientGoneError());
    },
    over: () => {
      payer.finish();
      mirror(payer, call);
    },
  };
}

/** Whoever leaves, or is over, reads no more. */
function tie(reader: Reader, call: CallContext): void {
  const leave = (): void => {
    reader.leave(toAbortError(call));
  };
  if (call.signal.aborted) leave();
  else call.signal.addEventListener('abort', leave, { once: true });
  call.defer(() => {
    reader.leave(null);
  });
}

/** The sender's own call shows what became of its request. */
function mirror(payer: CallContext, call: CallContext): void {
  const { answeredBy, routeReason, costUsd, usage, firstContentMs, settled, rateLimits, budget, cacheStatus } = payer;
  Object.assign(call, {
    answeredBy,
    routeReason,
    costUsd,
    usage,
    firstContentMs,
    settled,
    rateLimits,
    budget,
    cacheStatus,
  });
  call.attempts.splice(0, Infinity, ...payer.attempts);
  call.warnings.splice(0, Infinity, ...payer.warnings);
}
