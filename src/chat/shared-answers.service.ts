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
import { Telemetry } from '../core/telemetry/telemetry.js';
import { toAbortError } from '../providers/to-app-error.js';
import { UsageMeter } from '../usage/usage-meter.js';

/** Sends a request within the call that pays for it. */
type Send = (request: ChatRequest, call: CallContext) => Promise<AsyncIterable<ChatEvent>>;

interface Payer {
  readonly call: CallContext;
  /** Whether the request was let through: one that may not be sent for its sender may be for others. */
  readonly isAdmitted: Promise<boolean>;
}

type Reader = FlightMember<ChatEvent, Payer>;

/** Calls that consist of their one request, which is what a row of the ledger stands for. */
const SURFACES: ReadonlySet<Surface> = new Set<Surface>(['openai', 'anthropic', 'native']);

/**
 * Lets identical requests of one project that are under way at once share one answer, for models that allow it. The first
 * one is sent, in a call of its own that lasts until everybody has read or left, and pays; the others cost nothing.
 */
@Injectable()
export class SharedAnswers {
  readonly #models: ReadonlySet<string>;
  readonly #flights = new SingleFlight<ChatEvent, Payer>();

  constructor(
    gateway: GatewayConfig,
    private readonly meter: UsageMeter,
    private readonly clock: Clock,
    private readonly telemetry: Telemetry,
  ) {
    this.#models = new Set(gateway.models.filter(({ singleFlight }) => singleFlight).map(({ name }) => name));
  }

  /** Tells whether the request may share an answer. One with a deadline of its own goes alone: it would end the others. */
  isShared({ model }: ChatRequest, { surface, deadline }: CallContext): boolean {
    return this.#models.has(model) && SURFACES.has(surface) && deadline === Infinity;
  }

  /** As `ChatService.answer`, for a request that may share. */
  async answer(request: ChatRequest, call: CallContext, send: Send): Promise<AsyncIterable<ChatEvent>> {
    const key = keyOf(request, call.principal);
    for (;;) {
      const reader = this.#flights.join(key);
      if (!reader) return this.#lead(key, request, call, send);
      const events = await this.#follow(reader, request, call);
      if (events) return events;
    }
  }

  async #lead(key: string, request: ChatRequest, call: CallContext, send: Send): Promise<AsyncIterable<ChatEvent>> {
    const payer = payingCall(call);
    const reader = this.#flights.launch(key, () => launch(payer, call, () => send(request, payer)));
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
    const { call: payer, isAdmitted } = reader.context;
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
    return meter.meter(reader);
  }

  #note(payer: CallContext, call: CallContext): void {
    const { answeredBy, routeReason, warnings } = payer;
    Object.assign(call, { answeredBy, routeReason, firstContentMs: Math.max(0, this.clock.now() - call.receivedAt) });
    call.warnings.push(...warnings);
    if (answeredBy) this.telemetry.answerShared(answeredBy);
    call.defer(() => {
      if (payer.settled) call.savedUsd = payer.costUsd;
    });
  }
}

// A budget sets an output limit where the client set none: nobody else's answer is to be cut short by it.
function keyOf(request: ChatRequest, { projectId, budgets }: Principal): string {
  const isLimited = request.maxOutputTokens === undefined && budgets.length > 0;
  return createHash('sha256')
    .update(JSON.stringify([projectId, isLimited, request]))
    .digest('base64');
}

/** The call that pays: the sender's in everything but its end. */
function payingCall({ id, surface, receivedAt, principal, tags, requestedModel }: CallContext): CallContext {
  const call = new CallContext({ id, surface, receivedAt, principal, tags });
  call.requestedModel = requestedModel;
  return call;
}

function launch(
  payer: CallContext,
  call: CallContext,
  send: () => Promise<AsyncIterable<ChatEvent>>,
): Launch<ChatEvent, Payer> {
  let admitted: (isAdmitted: boolean) => void = () => undefined;
  const isAdmitted = new Promise<boolean>((resolve) => (admitted = resolve));
  payer.onAdmitted = () => {
    admitted(true);
    call.onAdmitted?.();
  };
  const source = send();
  source.then(
    () => undefined,
    () => {
      admitted(false);
    },
  );
  return {
    context: { call: payer, isAdmitted },
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
  const { answeredBy, routeReason, costUsd, usage, firstContentMs, settled, rateLimits, budget } = payer;
  Object.assign(call, { answeredBy, routeReason, costUsd, usage, firstContentMs, settled, rateLimits, budget });
  call.attempts.splice(0, Infinity, ...payer.attempts);
  call.warnings.splice(0, Infinity, ...payer.warnings);
}
