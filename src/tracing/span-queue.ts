import { TraceFlags } from '@opentelemetry/api';
import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace';
import type { TraceExportConfig } from '../config/tracing-config.js';
import type { Clock } from '../core/clock.js';
import type { Telemetry } from '../core/telemetry/telemetry.js';
import type { SpanSender } from './span-sender.js';

export interface SpanQueueParts {
  readonly sender: SpanSender;
  readonly limits: TraceExportConfig['queue'];
  readonly clock: Clock;
  readonly telemetry: Telemetry;
}

/**
 * Spans that wait to be sent: a bounded number of them, one batch under way at a time. What finds no room, or cannot be
 * delivered, is dropped and counted; nobody ever waits for it.
 */
export class SpanQueue implements SpanProcessor {
  readonly #parts: SpanQueueParts;
  #waiting: ReadableSpan[] = [];
  #cancelTimer: (() => void) | null = null;
  #sending: Promise<void> | null = null;
  /** Batches that are not full go out as well. */
  #isFlushing = false;
  #isClosed = false;

  constructor(parts: SpanQueueParts) {
    this.#parts = parts;
  }

  onStart(): void {
    return;
  }

  onEnd(span: ReadableSpan): void {
    if ((span.spanContext().traceFlags & TraceFlags.SAMPLED) === 0) return;
    const { limits, telemetry } = this.#parts;
    if (this.#isClosed || this.#waiting.length >= limits.maxSpans) {
      telemetry.traceSpansDropped({ reason: this.#isClosed ? 'shutdown' : 'queue_full', count: 1 });
      return;
    }
    this.#waiting.push(span);
    if (this.#sending) return;
    if (this.#waiting.length >= limits.batchSpans) void this.#send();
    else this.#wait();
  }

  /** Resolves when what waits now was sent or dropped. */
  forceFlush(): Promise<void> {
    this.#isFlushing = true;
    return this.#send();
  }

  shutdown(): Promise<void> {
    return this.forceFlush();
  }

  /** Sends what there is within `withinMs`; the rest is dropped. Never rejects. */
  async close(withinMs: number): Promise<void> {
    const { clock, sender } = this.#parts;
    this.#isClosed = true;
    const cancelTimer = clock.schedule(() => {
      this.#drop('shutdown', this.#waiting.splice(0).length);
      sender.abort();
    }, withinMs);
    // What came at the end of a round that was under way waits for the next one.
    do await this.forceFlush();
    while (this.#waiting.length > 0);
    cancelTimer();
    sender.close();
  }

  #wait(): void {
    const { clock, limits } = this.#parts;
    this.#cancelTimer ??= clock.schedule(() => void this.forceFlush(), limits.delayMs);
  }

  #send(): Promise<void> {
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    this.#sending ??= this.#drain().finally(() => {
      this.#sending = null;
      this.#isFlushing = false;
      // They came while the last batch was under way.
      if (this.#waiting.length > 0 && !this.#isClosed) this.#wait();
    });
    return this.#sending;
  }

  async #drain(): Promise<void> {
    const { sender, limits, telemetry } = this.#parts;
    while (this.#waiting.length >= (this.#isFlushing ? 1 : limits.batchSpans)) {
      const batch = this.#waiting.splice(0, limits.batchSpans);
      if (await sender.send(batch)) telemetry.traceSpansExported({ count: batch.length });
      else this.#drop('export_failed', batch.length);
    }
  }

  #drop(reason: 'export_failed' | 'shutdown', count: number): void {
    if (count > 0) this.#parts.telemetry.traceSpansDropped({ reason, count });
  }
}
