import type { Attempt } from '../attempt.js';
import type { OverloadReason } from './admission-telemetry.js';
import type { TokenUsage } from '../chat/token-usage.js';
import type { Operation, Surface } from '../call-context.js';
import type { ToolKind, ToolLoopEnd, ToolOutcome } from './tool-telemetry.js';
import type { DeliveryTryOutcome, JobOutcome, RepeatWay } from './work-telemetry.js';

export type BreakerState = 'closed' | 'open' | 'half-open';

/** Why a request that was slow to answer was not sent to a second target: the model's share, retries, money or targets ran out. */
export type HedgeRefusal = 'share' | 'retries' | 'budget' | 'no-target';

/**
 * How the rest of an answer was asked for: by the beginning of the model's own answer, by the same request again, or by
 * telling it to go on.
 */
export type ContinuationWay = 'prefill' | 'restart' | 'instruction';

/** What came of asking a response cache; `bypass` wanted a new answer. */
export type CacheOutcome = 'hit' | 'miss' | 'shared' | 'bypass';

/** What came of checking an answer in JSON; `unchecked` when its schema is of no use, or too many wait. */
export type StructuredOutcome = 'valid' | 'invalid' | 'unchecked';

/** Who has texts checked against schemas: chats and extractions their answers, tools their arguments. */
export type StructuredFeature = 'chat' | 'extract' | 'tools';

/** Why spans were dropped: too many waited, the collector did not take them, or the process ended. */
export type SpanDropReason = 'queue_full' | 'export_failed' | 'shutdown';

/** Where numbers about running calls go. The default loses them; `metrics` binds it to Prometheus. */
export class Telemetry {
  /** A request or message came in; `requestFinished` follows. */
  requestStarted(): void {
    return;
  }

  /** A response is over: `route` is the router's pattern, never the path of the request. */
  requestFinished(_request: {
    method: string;
    route: string;
    status: number;
    surface: Surface;
    durationSeconds: number;
  }): void {
    return;
  }

  /** A request or message that a provider answered is over. */
  requestAnswered(_request: { provider: string; model: string; seconds: number }): void {
    return;
  }

  /** One request or message is over and its cost is known. */
  requestCosted(_request: { surface: Surface; costUsd: number }): void {
    return;
  }

  /** The head of a stream was sent. */
  streamOpened(): void {
    return;
  }

  /** A stream is over, however it ended. */
  streamClosed(): void {
    return;
  }

  /** A request was turned away because of its key, for a reason from the closed set of error codes. */
  authenticationRefused(_refusal: { reason: string }): void {
    return;
  }

  /** An admitted request or job is in the ledger: what was asked for, and how it ended. */
  callSettled(_call: { operation: Operation; status: string }): void {
    return;
  }

  /** A WebSocket was opened. */
  socketOpened(): void {
    return;
  }

  /** A WebSocket is closed, with the code of its close frame. */
  socketClosed(_socket: { code: number }): void {
    return;
  }

  firstContent(_content: { provider: string; model: string; seconds: number }): void {
    return;
  }

  attemptFinished(_attempt: Attempt): void {
    return;
  }

  /** A request goes on after an attempt that failed at the target. */
  requestRepeated(_repeat: { provider: string; model: string; way: RepeatWay }): void {
    return;
  }

  /** An answer that had broken off goes on, or with `none` does not, although its model is meant to. */
  streamContinued(_continued: { way: ContinuationWay | 'none' }): void {
    return;
  }

  usageSettled(_settled: { provider: string; model: string; usage: TokenUsage; costUsd: string | null }): void {
    return;
  }

  breakerChanged(_breaker: { provider: string; model: string; state: BreakerState }): void {
    return;
  }

  /** A request that was slow at the target went to a second one as well, and that one `won`, `lost` or `failed`. */
  hedgeFinished(_hedge: { provider: string; model: string; outcome: 'won' | 'lost' | 'failed' }): void {
    return;
  }

  /** A request that was slow at the target did not go to a second one. */
  hedgeRefused(_hedge: { provider: string; model: string; reason: HedgeRefusal }): void {
    return;
  }

  /** A request read along the answer to another one, from the target. */
  answerShared(_shared: { provider: string; model: string }): void {
    return;
  }

  /** A response cache was asked for an answer; `shared` ones were under way for somebody else. */
  cacheUsed(_use: { cache: 'exact' | 'semantic'; outcome: CacheOutcome }): void {
    return;
  }

  /** An answer in JSON was checked against its schema: an emulated one of a chat, or any of an extraction. */
  structuredChecked(_check: { feature: StructuredFeature; outcome: StructuredOutcome }): void {
    return;
  }

  /** A malformed event of a stream was skipped. */
  eventSkipped(_event: { provider: string }): void {
    return;
  }

  /** A credential rests for a model, or was refused and is out of use until a probe. */
  credentialBlocked(_block: { provider: string; reason: string }): void {
    return;
  }

  /** Something at a provider needs its operator. */
  providerAlarm(_alarm: { provider: string; reason: string }): void {
    return;
  }

  /** A request was turned away because this process is full. */
  admissionRefused(_refusal: { reason: OverloadReason }): void {
    return;
  }

  /** A request was let in after it had waited for others to end. */
  admissionWaited(_wait: { seconds: number }): void {
    return;
  }

  /** A limit of a key or a project turned a request away. */
  limitRefused(_limit: { owner: string; kind: string }): void {
    return;
  }

  /** A request was refused because a budget has not enough left. */
  budgetRefused(_budget: { owner: string; window: string }): void {
    return;
  }

  /** A threshold of a budget was reached, in percent; once in a window, by one of the processes. */
  budgetThresholdReached(_budget: { owner: string; window: string; percent: number }): void {
    return;
  }

  /** A request cost more than was reserved for it; USD, once for the request however many budgets it has. */
  budgetOverrun(_overage: { usd: number }): void {
    return;
  }

  /** What became of a request with an `Idempotency-Key`, from a closed set of words. */
  idempotencyUsed(_use: { outcome: string }): void {
    return;
  }

  /** A tool was run for a model; `unknown` is a name that a model made up. */
  toolFinished(_tool: { kind: ToolKind | 'unknown'; outcome: ToolOutcome; seconds: number }): void {
    return;
  }

  /** A request with tools that are run here is over, after so many answers of the model. */
  toolLoopFinished(_loop: { end: ToolLoopEnd; steps: number }): void {
    return;
  }

  /** An attempt at a job is over. */
  jobEnded(_job: { kind: string; outcome: JobOutcome; seconds: number }): void {
    return;
  }

  /** A part of a job's work is done, or failed. */
  jobStageEnded(_stage: { kind: string; stage: string; seconds: number }): void {
    return;
  }

  /** A try to deliver to a webhook was written down. */
  deliveryTried(_delivery: { outcome: DeliveryTryOutcome; seconds: number }): void {
    return;
  }

  /** The collector took spans. */
  traceSpansExported(_spans: { count: number }): void {
    return;
  }

  /** Spans will not come to the collector. */
  traceSpansDropped(_spans: { reason: SpanDropReason; count: number }): void {
    return;
  }

  /** So many more lines of the log are lost: nobody took them. */
  logLinesDropped(_dropped: { lines: number }): void {
    return;
  }

  /** Lines of a batch were answered, or failed for good. */
  batchLinesEnded(_lines: { succeeded: number; failed: number }): void {
    return;
  }
}
