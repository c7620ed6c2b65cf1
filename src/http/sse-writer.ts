import type { ServerResponse } from 'node:http';
import { AnswerHead, startAnswer } from './answer-head.js';
import { drained } from './drained.js';
import type { SseFrame } from '../core/sse-frame.js';
import { replySettingsOf, type ReplySettings } from './reply-settings.js';

const KEEP_ALIVE = ': keep-alive\n\n';
const LINE_BREAK = /\r\n|\r|\n/;

/** One event as bytes on the wire; every line of the data gets its own field, so that no data can forge an event. */
export function encodeFrame(frame: SseFrame): string {
  const event = frame.event === undefined ? '' : `event: ${frame.event}\n`;
  if (!frame.data.includes('\n') && !frame.data.includes('\r')) return `${event}data: ${frame.data}\n\n`;
  return `${event}data: ${frame.data.split(LINE_BREAK).join('\ndata: ')}\n\n`;
}

/** Writes server-sent events to one response: comments in silence, and no faster than the client reads. */
export class SseWriter {
  readonly #response: ServerResponse;
  readonly #settings: ReplySettings;
  #lastWriteAt = 0;
  #waiting = false;
  #isOpen = false;
  #cancelKeepAlive: (() => void) | undefined;

  constructor(response: ServerResponse) {
    this.#response = response;
    this.#settings = replySettingsOf(response);
  }

  /** True when nothing can be written any more: the client left, was cut, or the reply has ended. */
  get isClosed(): boolean {
    return this.#response.destroyed || this.#response.writableEnded;
  }

  /** Prepares the head; it leaves together with what is written next. */
  open(): void {
    this.#isOpen = true;
    const head = new AnswerHead();
    head.setHeader('content-type', 'text/event-stream; charset=utf-8');
    head.setHeader('cache-control', 'no-cache, no-store, no-transform');
    head.setHeader('x-accel-buffering', 'no');
    startAnswer(this.#response, 200, head);
    this.#settings.streamOpened();
    this.#response.socket?.setNoDelay(true);
    this.#lastWriteAt = this.#settings.clock.monotonic();
    this.#watchSilence();
  }

  /** Writes a comment, which commits the reply to status 200. */
  comment(): void {
    if (this.isClosed) return;
    this.#lastWriteAt = this.#settings.clock.monotonic();
    this.#response.write(KEEP_ALIVE);
  }

  /** Writes a frame; a promise when the client is slow, which resolves once it has caught up, left or been cut off. */
  write(frame: SseFrame): Promise<void> | undefined {
    return this.writeText(encodeFrame(frame));
  }

  /** Writes encoded frames in one piece; the same promise. */
  writeText(text: string): Promise<void> | undefined {
    if (this.isClosed) return undefined;
    this.#lastWriteAt = this.#settings.clock.monotonic();
    return this.#response.write(text) ? undefined : this.#drained();
  }

  /** Ends an open reply properly; safe to call at any time. */
  end(): void {
    this.#cancelKeepAlive?.();
    if (this.#isOpen && !this.isClosed) this.#response.end();
  }

  async #drained(): Promise<void> {
    this.#waiting = true;
    await drained(this.#response);
    this.#waiting = false;
  }

  #watchSilence(): void {
    const { clock, keepAliveMs } = this.#settings;
    const silentMs = clock.monotonic() - this.#lastWriteAt;
    if (silentMs >= keepAliveMs && !this.#waiting) this.comment();
    const dueInMs = silentMs >= keepAliveMs ? keepAliveMs : keepAliveMs - silentMs;
    this.#cancelKeepAlive = clock.schedule(() => {
      if (!this.isClosed) this.#watchSilence();
    }, dueInMs);
  }
}
