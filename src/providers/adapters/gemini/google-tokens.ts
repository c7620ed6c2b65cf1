import type { CancelSignal } from '../../../core/cancellation.js';
import type { TimeoutConfig } from '../../../config/gateway-config.js';
import { ProviderError } from '../../provider-error.js';
import type { HttpTransport } from '../../transport/http-transport.js';
import type { Authorization } from './authorization.js';
import { type AccessToken, fetchAccessToken } from './fetch-access-token.js';

interface Fetching {
  readonly token: Promise<AccessToken>;
  readonly controller: AbortController;
  waiting: number;
}

/** How long before its end a token is renewed, behind the backs of the requests that still go out with it. */
const RENEW_EARLY_MS = 300_000;
/** How long before its end a token is not sent any more: it must outlive its way to the provider. */
const TOO_LATE_MS = 15_000;
/** A token is a small thing: it gets no such time as an answer. */
const MOST_HEAD_MS = 10_000;
/** How long a renewal that failed is left alone while the old token still serves. */
const RENEW_PAUSE_MS = 10_000;

/**
 * The access tokens of one Google account: kept until shortly before they end, and fetched once for all who wait. An
 * attempt waits no longer than its own signal and timers allow; a fetch that nobody waits for any more is given up.
 */
export class GoogleTokens {
  readonly #transport: HttpTransport;
  readonly #credentialsFile: string | null;
  #token: AccessToken | null = null;
  #authorization: Authorization | null = null;
  #fetching: Fetching | null = null;
  #renewNotBefore = 0;

  constructor(transport: HttpTransport, credentialsFile: string | null) {
    this.#transport = transport;
    this.#credentialsFile = credentialsFile;
  }

  /** Throws only ProviderError: `authentication` when Google refuses the account. */
  authorize(timeouts: TimeoutConfig, signals: readonly CancelSignal[]): Authorization | Promise<Authorization> {
    const now = this.#transport.clock.monotonic();
    const leftMs = this.#token ? this.#token.expiresAt - now : 0;
    if (!this.#authorization || leftMs < TOO_LATE_MS) return this.#wait(timeouts, signals);
    if (leftMs < RENEW_EARLY_MS && !this.#fetching && now >= this.#renewNotBefore) {
      this.#renewNotBefore = now + RENEW_PAUSE_MS;
      this.#fetching = this.#fetch(timeouts);
    }
    return this.#authorization;
  }

  async #wait(timeouts: TimeoutConfig, signals: readonly CancelSignal[]): Promise<Authorization> {
    for (const signal of signals) if (signal.aborted) throw cancelled(signal);
    const fetching = (this.#fetching ??= this.#fetch(timeouts));
    fetching.waiting += 1;
    try {
      await this.#within(timeouts, signals, fetching.token);
    } finally {
      fetching.waiting -= 1;
      if (fetching.waiting === 0) this.#giveUp(fetching);
    }
    return this.#authorization ?? this.#wait(timeouts, signals);
  }

  #fetch(timeouts: TimeoutConfig): Fetching {
    const controller = new AbortController();
    const limited = { ...timeouts, responseHeadMs: headMsOf(timeouts) };
    const options = { credentialsFile: this.#credentialsFile, timeouts: limited, signal: controller.signal };
    const token = fetchAccessToken(this.#transport, options).then((fetched) => {
      this.#keep(fetched);
      return fetched;
    });
    const fetching = { token, controller, waiting: 0 };
    const forget = (): void => {
      this.#giveUp(fetching);
    };
    token.then(forget, forget);
    return fetching;
  }

  #giveUp(fetching: Fetching): void {
    fetching.controller.abort();
    if (this.#fetching === fetching) this.#fetching = null;
  }

  #keep(token: AccessToken): void {
    this.#token = token;
    this.#authorization = {
      headers: { authorization: `Bearer ${token.value}`, ...token.headers },
      secret: token.value,
      refused: () => {
        if (this.#token !== token) return;
        this.#token = null;
        this.#authorization = null;
      },
    };
  }

  async #within(timeouts: TimeoutConfig, signals: readonly CancelSignal[], token: Promise<AccessToken>): Promise<void> {
    const undo: (() => void)[] = [];
    const ended = new Promise<never>((_resolve, reject) => {
      for (const signal of signals) {
        const onAbort = (): void => {
          reject(cancelled(signal));
        };
        signal.addEventListener('abort', onAbort, { once: true });
        undo.push(() => {
          signal.removeEventListener('abort', onAbort);
        });
      }
      const cancelTimer = this.#transport.clock.schedule(
        () => {
          reject(new ProviderError('timeout', 'Google did not give out an access token in time.'));
        },
        timeouts.connectMs + headMsOf(timeouts),
      );
      undo.push(cancelTimer);
    });
    try {
      await Promise.race([token, ended]);
    } finally {
      for (const step of undo) step();
    }
  }
}

function headMsOf({ responseHeadMs }: TimeoutConfig): number {
  return Math.min(responseHeadMs, MOST_HEAD_MS);
}

function cancelled(signal: CancelSignal): ProviderError {
  return new ProviderError('aborted', 'The request was cancelled.', { cause: signal.reason });
}
