import type { Attempt, AttemptPurpose } from '../attempt.js';
import type { CacheStatus } from '../cache-wish.js';
import type { FinishReason } from '../chat/chat-event.js';
import type { Principal } from '../principal.js';

export type SpanValue = string | number | boolean | readonly string[];

/** What a span says of itself; what is null or undefined is left out. */
export type SpanAttributes = Readonly<Record<string, SpanValue | null | undefined>>;

/** A span under way, for whoever does the work that it stands for. */
export interface OpenSpan {
  note(attributes: SpanAttributes): void;
  /** It did not succeed; `errorType` is a word from a closed set. */
  failed(errorType: string): void;
}

/** How an attempt came about: `retry` asks the same target again, `failover` another one. */
export type AttemptReason = 'first' | 'retry' | 'failover' | AttemptPurpose;

/** What is asked of a model; the words of the GenAI conventions where they have one. */
export type TracedOperation =
  'chat' | 'count_tokens' | 'embeddings' | 'rerank' | 'image' | 'speak' | 'transcribe' | 'moderate';

/** An attempt as it begins. */
export interface AttemptStart {
  readonly operation: TracedOperation;
  readonly attempt: Attempt;
  /** The attempt's own purpose goes before it. */
  readonly reason: AttemptReason;
  /** Counted from 1 over the whole call. */
  readonly number: number;
  /** The type of the provider, as the models file names it. */
  readonly providerType: string;
  /** Whether the provider may be told of the trace. */
  readonly isPropagated: boolean;
  /** Parameters of the request; never content. */
  readonly request: SpanAttributes;
}

/** The span of one request to a provider. */
export interface AttemptSpan {
  /** The request goes to this address; gives the headers to send along, null for none. */
  addressed(url: URL): Readonly<Record<string, string>> | null;
  /** How the provider names its answer. */
  answered(id: string, model: string): void;
  choiceEnded(reason: FinishReason): void;
  /** The attempt is settled; `status` is that of a refusal. */
  ended(attempt: Attempt, status: number | undefined): void;
}

/** What the span of a call shows of it when it is over. */
export interface TracedCall {
  readonly isAuthenticated: boolean;
  readonly principal: Principal;
  readonly attempts: readonly Attempt[];
  readonly answeredBy: { readonly provider: string; readonly model: string } | null;
  readonly requestedModel: string | null;
  readonly routeReason: string | null;
  readonly cacheStatus: CacheStatus | null;
  readonly conversationId: string | null;
  readonly costUsd: string | null;
}

/** How a request or a message ended. */
export interface CallEnd {
  readonly method: string;
  /** The router's pattern. */
  readonly route: string;
  readonly status: number;
  /** False when the client left before the answer was over. */
  readonly isAnswered: boolean;
  /** The code of the error that ended it, also when the head was sent before. */
  readonly error: string | null;
}

/** The trace of one call: what is done for it becomes spans. A call has none while tracing is off. */
export interface CallTrace {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  attempt(start: AttemptStart): AttemptSpan;
  /** Does a part of the call's work as a span of its own; what is asked of models meanwhile belongs to it. */
  part<T>(name: string, attributes: SpanAttributes, work: (span: OpenSpan) => Promise<T>): Promise<T>;
  /** What the call's own span stands for did not succeed; `errorType` is a word from a closed set. */
  failed(errorType: string): void;
  /** The request or message is over. */
  ended(call: TracedCall, end: CallEnd): void;
}
