import type { CancelSignal } from '../../core/cancellation.js';
import type { Dispatcher } from 'undici';
import type { Clock } from '../../core/clock.js';
import type { RequestProgress } from '../provider-adapter.js';
import { ProviderError } from '../provider-error.js';
import { BodyStream } from './body-stream.js';
import type { HttpResponse, ResponseHeaders } from './http-response.js';
import { type ExchangePhase, toTransportError } from './to-transport-error.js';
import type { TransportLimits } from './transport-limits.js';

export interface ExchangeOptions {
  /** Any of them ends the exchange and closes its connection. */
  signals: readonly CancelSignal[];
  connectMs: number;
  /** From the moment the request is sent to the response head; undefined leaves that to the signals. */
  headMs: number | undefined;
  progress?: RequestProgress;
  clock: Clock;
  limits: TransportLimits;
}

/**
 * One request on one connection, as undici's handler. Its timers are the clock's because undici's own have a resolution
 * of half a second, and because `connect` must count from dispatch.
 */
export class Exchange implements Dispatcher.DispatchHandler {
  readonly response: Promise<HttpResponse>;
  readonly #options: ExchangeOptions;
  readonly #onAbort = (): void => {
    const reason = this.#options.signals.find((signal) => signal.aborted)?.reason;
    this.#fail(new ProviderError('aborted', 'The request was cancelled.', { cause: reason }));
  };
  #resolve!: (response: HttpResponse) => void;
  #reject!: (error: ProviderError) => void;
  #controller: Dispatcher.DispatchController | null = null;
  #phase: ExchangePhase = 'connecting';
  #body: BodyStream | null = null;
  #failure: ProviderError | null = null;
  #interimAnswers = 0;
  #cancelTimer: () => void = () => undefined;

  constructor(options: ExchangeOptions) {
    this.#options = options;
    this.response = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    for (const signal of options.signals) signal.addEventListener('abort', this.#onAbort, { once: true });
    if (options.signals.some((signal) => signal.aborted)) this.#onAbort();
  }

  /** True when there is no point in dispatching any more. */
  get isOver(): boolean {
    return this.#failure !== null;
  }

  /** Called after dispatch: a connection that was kept alive is already sending by now. */
  awaitConnection(): void {
    if (this.#phase !== 'connecting' || this.#failure) return;
    this.#startTimer(this.#options.connectMs, 'connect-timeout', 'The provider did not accept a connection in time.');
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#cancelTimer();
    this.#controller = controller;
    this.#phase = 'waiting';
    if (this.#failure) {
      controller.abort(this.#failure);
      return;
    }
    this.#options.progress?.sent();
    if (this.#options.headMs !== undefined) {
      this.#startTimer(this.#options.headMs, 'timeout', 'The provider did not answer in time.');
    }
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, headers: ResponseHeaders): void {
    this.#options.progress?.responded();
    if (status < 200) {
      this.#interimAnswers += 1;
      if (this.#interimAnswers > this.#options.limits.interimAnswers) {
        this.#fail(new ProviderError('malformed', 'The provider sent interim answers without end.'));
      }
      return;
    }
    this.#cancelTimer();
    this.#phase = 'reading';
    const connection = {
      pause: () => {
        controller.pause();
      },
      resume: () => {
        controller.resume();
      },
      abort: (reason: Error) => {
        controller.abort(reason);
      },
      detach: () => {
        this.#settle();
      },
    };
    this.#body = new BodyStream(connection, this.#options.limits.bufferedBytes);
    this.#resolve({ status, headers, body: this.#body });
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Uint8Array): void {
    this.#body?.push(chunk);
  }

  onResponseEnd(): void {
    this.#settle();
    this.#body?.end();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#fail(toTransportError(error, this.#phase));
  }

  #startTimer(ms: number, kind: 'connect-timeout' | 'timeout', message: string): void {
    this.#cancelTimer = this.#options.clock.schedule(() => {
      this.#fail(new ProviderError(kind, message));
    }, ms);
  }

  #fail(error: ProviderError): void {
    if (this.#failure) return;
    this.#failure = error;
    this.#settle();
    this.#controller?.abort(error);
    this.#body?.fail(error);
    this.#reject(error);
  }

  #settle(): void {
    this.#cancelTimer();
    for (const signal of this.#options.signals) signal.removeEventListener('abort', this.#onAbort);
  }
}
