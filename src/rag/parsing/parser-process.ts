import type { ChildProcess } from 'node:child_process';
import type { Clock } from '../../core/clock.js';
import type { FormatHint, FromChild, ToChild } from './child/messages.js';
import { startChild } from './child/start-child.js';
import { DocumentParseError } from './document-parse-error.js';
import { type ChildExit, explainExit } from './explain-exit.js';
import type { ParsedDocument } from './parsed-document.js';
import type { ParserSettings } from './parser-settings.js';
import { readRss } from './read-rss.js';

const RSS_INTERVAL_MS = 100;

interface Reading {
  readonly texts: string[];
  readonly resolve: (document: ParsedDocument) => void;
  readonly reject: (error: Error) => void;
}

/** The process ended while it was at work; how it ended tells why. */
class ChildGoneError extends Error {}

/** A process that reads documents, one at a time, and is ended for good when one of them takes too long or too much. */
export class ParserProcess {
  readonly #child: ChildProcess;
  readonly #settings: ParserSettings;
  readonly #clock: Clock;
  readonly #ready: Promise<void>;
  #reading: Reading | null = null;
  readonly #exited: Promise<ChildExit>;
  #isGone = false;
  #endedFor: ChildExit['endedFor'] = null;
  #documents = 0;
  #onReady: () => void = () => undefined;
  #onNeverReady: (error: Error) => void = () => undefined;

  constructor(settings: ParserSettings, clock: Clock) {
    this.#settings = settings;
    this.#clock = clock;
    this.#child = startChild(settings);
    this.#ready = new Promise((resolve, reject) => {
      this.#onReady = resolve;
      this.#onNeverReady = reject;
    });
    this.#ready.catch(() => undefined);
    this.#exited = new Promise((resolve) => {
      this.#child.on('exit', (code, signal) => {
        resolve({ code, signal, endedFor: this.#endedFor });
      });
    });
    this.#child.on('message', (message: FromChild) => {
      this.#take(message);
    });
    this.#child.on('exit', () => {
      this.#over(null);
    });
    this.#child.on('error', (error) => {
      this.#over(error);
    });
  }

  /** The system's number of it; missing when it could not be started. */
  get id(): number | undefined {
    return this.#child.pid;
  }

  /** Whether it can read another document. */
  get isUsable(): boolean {
    const isAlive = !this.#isGone && !this.#child.killed && this.#child.connected;
    return isAlive && this.#documents < this.#settings.maxDocuments;
  }

  /**
   * Reads a document. Rejects with DocumentParseError when the document is the reason, with the signal's reason when that
   * fires, and otherwise with an error that another try may not meet; the process may be gone then.
   */
  async parse(source: AsyncIterable<Uint8Array>, format: FormatHint, signal: AbortSignal): Promise<ParsedDocument> {
    signal.throwIfAborted();
    this.#documents += 1;
    const onAbort = (): void => {
      this.end();
    };
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      await this.#untilReady();
      for await (const bytes of source) await this.#send({ type: 'piece', bytes });
      return await this.#read(format);
    } catch (error) {
      if (error instanceof DocumentParseError) throw error;
      // What it was given of this document must not become part of the next one.
      this.end();
      signal.throwIfAborted();
      if (error instanceof ChildGoneError) throw explainExit(await this.#exited, format, this.#settings);
      throw error;
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  /** Ends it, whatever it is doing. */
  end(): void {
    this.#child.kill('SIGKILL');
  }

  /** Lets this process end although that one has nothing to do; or not any more. */
  hold(isHeld: boolean): void {
    if (isHeld) {
      this.#child.ref();
      this.#child.channel?.ref();
    } else {
      this.#child.unref();
      this.#child.channel?.unref();
    }
  }

  async #untilReady(): Promise<void> {
    const cancel = this.#clock.schedule(() => {
      this.#onNeverReady(new Error('The process that reads documents did not start in time.'));
    }, this.#settings.startMs);
    try {
      await this.#ready;
    } finally {
      cancel();
    }
  }

  async #read(format: FormatHint): Promise<ParsedDocument> {
    const cancelTimeout = this.#clock.schedule(() => {
      this.#endFor('time');
    }, this.#settings.timeoutMs);
    const cancelWatch = this.#watchMemory();
    try {
      return await new Promise<ParsedDocument>((resolve, reject) => {
        this.#reading = { texts: [], resolve, reject };
        this.#send({ type: 'parse', format }).catch(reject);
      });
    } finally {
      this.#reading = null;
      cancelTimeout();
      cancelWatch();
    }
  }

  #watchMemory(): () => void {
    let isOver = false;
    const look = async (): Promise<void> => {
      const rss = this.id === undefined ? null : await readRss(this.id);
      if (isOver) return;
      if (rss !== null && rss > this.#settings.maxRssBytes) this.#endFor('memory');
      else cancel = this.#clock.schedule(() => void look(), RSS_INTERVAL_MS);
    };
    let cancel = this.#clock.schedule(() => void look(), RSS_INTERVAL_MS);
    return () => {
      isOver = true;
      cancel();
    };
  }

  #endFor(reason: 'time' | 'memory'): void {
    this.#endedFor ??= reason;
    this.end();
  }

  #take(message: FromChild): void {
    if (message.type === 'ready') this.#onReady();
    else if (message.type === 'text') this.#reading?.texts.push(message.text);
    else if (message.type === 'failed') this.#reading?.reject(new DocumentParseError(message.code, message.message));
    else {
      const { format, title, pages } = message;
      this.#reading?.resolve({ text: this.#reading.texts.join(''), format, title, pages });
    }
  }

  // One that ends before it was ready says nothing about a document.
  #over(cause: Error | null): void {
    this.#isGone = true;
    this.#onNeverReady(new Error('The process that reads documents did not start.', { cause }));
    this.#reading?.reject(new ChildGoneError());
  }

  #send(message: ToChild): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#child.send(message, (error) => {
        if (error) reject(new ChildGoneError());
        else resolve();
      });
    });
  }
}
