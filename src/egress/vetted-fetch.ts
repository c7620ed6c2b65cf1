import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { Agent, type Dispatcher } from 'undici';
import type { CancelSignal } from '../core/cancellation.js';
import { Clock } from '../core/clock.js';
import { AppError, InvalidRequestError } from '../core/errors/app-error.js';
import { dialVetted } from './dial-vetted.js';
import { fetchFailed } from './egress-errors.js';
import { EgressPolicy } from './egress-policy.js';
import { FetchDeadline } from './fetch-deadline.js';
import { HostResolver } from './host-resolver.js';
import { readBeginning, readResource, textOf } from './read-resource.js';
import { isRedirect, nextHop } from './redirects.js';
import { ownHeaders } from './request-headers.js';

export interface FetchOptions {
  /** Of the body, packed and unpacked. */
  readonly maxBytes: number;
  /** The body is cut where it gets too large, and left out where it cannot be unpacked: the status is what matters. */
  readonly keepsWhatFits?: boolean;
  /** For all of it: resolving, connecting, redirects, the last byte. */
  readonly timeoutMs: number;
  /** Fires when nobody waits any more; the fetch rejects with its reason. */
  readonly signal: CancelSignal;
  /** The media types that are wanted, as the header says them. */
  readonly accept?: string;
  /** GET by default; only that one follows redirects. */
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Sent to the URL's own origin only, besides `accept`, as is the body. Nothing else of ours is sent. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** The URL comes from the operator's own configuration: it may lead anywhere. Redirects are refused. */
  readonly isTrusted?: boolean;
  /** The parameter that the URL came in, for errors. */
  readonly param?: string;
}

export interface FetchedResource {
  /** Where it was found after redirects. */
  readonly url: string;
  /** Any but 3xx: refusals are for the caller to judge. */
  readonly status: number;
  /** The media type as the server says it, in lower case and without parameters; empty when it does not. */
  readonly mediaType: string;
  readonly body: Buffer;
}

const CONNECTIONS_PER_ORIGIN = 16;
const HEAD_BYTES = 16 * 1024;
const LIMITS = { headersTimeout: 0, bodyTimeout: 0, maxHeaderSize: HEAD_BYTES, connections: CONNECTIONS_PER_ORIGIN };

/** Fetches URLs that users, API calls or documents gave us, from public addresses only. */
@Injectable()
export class VettedFetch implements OnModuleDestroy {
  readonly #vetted: Agent;
  readonly #trusted = new Agent({ ...LIMITS, allowH2: false });

  constructor(
    private readonly policy: EgressPolicy,
    private readonly clock: Clock,
    resolver: HostResolver,
  ) {
    this.#vetted = new Agent({ ...LIMITS, allowH2: false, connect: dialVetted(policy, resolver) });
  }

  /**
   * Whether the URL may be used, by its text alone; nothing is resolved or dialled. Throws `url_not_allowed`,
   * `url_scheme_not_allowed` or `url_port_not_allowed`.
   */
  checkUrl(url: string, param?: string): void {
    this.policy.checkUrl(url, param);
  }

  /**
   * What is at the URL, whole. Rejects as `checkUrl` throws, with `url_not_allowed` when the host or a redirect leads to
   * something else than public addresses, `url_too_large`, and `url_fetch_failed` for every other reason.
   */
  async fetch(url: string, options: FetchOptions): Promise<FetchedResource> {
    const { param, timeoutMs, signal, isTrusted = false } = options;
    const start = isTrusted ? new URL(url) : this.policy.checkUrl(url, param);
    const deadline = new FetchDeadline(this.clock, timeoutMs, signal);
    try {
      return await this.#follow(start, options, deadline);
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      if (!(error instanceof AppError)) throw fetchFailed({ param, cause: error });
      throw new InvalidRequestError(error.code, error.message, { param, cause: error.cause });
    } finally {
      deadline.end();
    }
  }

  async onModuleDestroy(): Promise<void> {
    await Promise.all([this.#vetted.destroy(), this.#trusted.destroy()]);
  }

  async #follow(start: URL, options: FetchOptions, deadline: FetchDeadline): Promise<FetchedResource> {
    let url = start;
    for (let hops = 0; ; hops += 1) {
      const answer = await this.#send(url, url.origin === start.origin, options, deadline.signal);
      try {
        if (!isRedirect(answer)) return await toResource(url, answer, options);
        url = nextHop(url, answer, {
          hops,
          method: options.method ?? 'GET',
          policy: this.policy,
          isTrusted: options.isTrusted,
        });
      } finally {
        // What is left of it is of no interest, and must not keep the connection busy.
        answer.body.on('error', () => undefined).destroy();
      }
    }
  }

  #send(
    url: URL,
    isFirstOrigin: boolean,
    options: FetchOptions,
    signal: AbortSignal,
  ): Promise<Dispatcher.ResponseData> {
    const agent = options.isTrusted === true ? this.#trusted : this.#vetted;
    return agent.request({
      origin: url.origin,
      path: url.pathname + url.search,
      method: options.method ?? 'GET',
      headers: ownHeaders(options.accept, isFirstOrigin ? options.headers : undefined),
      body: isFirstOrigin ? options.body : undefined,
      signal,
    });
  }
}

async function toResource(
  url: URL,
  answer: Dispatcher.ResponseData,
  { maxBytes, keepsWhatFits = false }: FetchOptions,
): Promise<FetchedResource> {
  const mediaType = /^[^;,\s]*/.exec(textOf(answer.headers['content-type']))?.[0].toLowerCase() ?? '';
  const body = await (keepsWhatFits ? readBeginning(answer, maxBytes) : readResource(answer, maxBytes));
  return { url: url.href, status: answer.statusCode, mediaType, body };
}
