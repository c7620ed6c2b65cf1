import type { JsonObject } from '../../src/core/json.js';
import type { Behaviour, ReplySource, WireNoise } from './behaviour.js';
import { editFrameJson, type Frame } from './frame.js';
import { cutConnection, resetConnection, sendFlood, sendJson } from './send-answer.js';
import type { Vendor, VendorFailure } from './vendor.js';

/** One scripted behaviour, waiting in the queue for its request. */
export interface Scripted {
  /** For the next `count` requests in place of one. */
  times(count: number): Scripted;
  /** For every request from here on, once the queue before it is used up. */
  forever(): Scripted;
  /** Lets an answer that this behaviour stalled go on to its proper end. */
  release(): void;
}

/**
 * The behaviours of a fake: each method sets what happens to one coming request, in order. Without a script the vendor's
 * default answer is given. `after` counts content events, 0 being before the first. An optional reply says what is being
 * answered while the fault strikes.
 */
export class BehaviourScript {
  #queue: Behaviour[] = [];
  #standing: Behaviour = {};
  readonly #releases = new Set<() => void>();
  protected readonly vendor: Vendor;

  constructor(vendor: Vendor) {
    this.vendor = vendor;
  }

  /** Answers with this, or with what the function makes of the request. */
  reply(reply: ReplySource): Scripted {
    return this.behave({ reply });
  }

  /** Answers with an error status; the body is the vendor's own unless given. A string is sent as text. */
  failWith(status: number, body?: JsonObject | string | null, headers: Record<string, string> = {}): Scripted {
    return this.behave({
      instead: async (exchange) => {
        if (typeof body === 'string') {
          exchange.response.writeHead(status, { 'content-type': 'text/plain', ...headers }).end(body);
          return;
        }
        const json = body ?? exchange.vendor.errorBody(status, exchange.request);
        await sendJson(exchange, { status, body: json }, {}, headers);
      },
    });
  }

  /** Fails in the vendor's own words. */
  failAs(kind: VendorFailure): Scripted {
    const { status, body } = this.vendor.failure(kind);
    return this.failWith(status, body);
  }

  /** Takes the request and never answers. */
  hang(): Scripted {
    return this.behave({ instead: () => undefined });
  }

  /** Breaks the connection in place of an answer. */
  resetAtOnce(): Scripted {
    return this.behave({ instead: resetConnection });
  }

  /** Ends the connection in place of an answer. */
  cutAtOnce(): Scripted {
    return this.behave({ instead: cutConnection });
  }

  /** TCP reset after `after` content events (half of an unstreamed body). */
  resetAfter(after: number, reply?: ReplySource): Scripted {
    return this.behave({ reply, interruption: { after, how: 'reset' } });
  }

  /** FIN without the end of the body. */
  cutAfter(after: number, reply?: ReplySource): Scripted {
    return this.behave({ reply, interruption: { after, how: 'cut' } });
  }

  /** Silence with the connection open, until the client leaves or `release()`. */
  stallAfter(after: number, reply?: ReplySource): Scripted {
    let release: () => void = () => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    return this.behave({ reply, interruption: { after, how: 'stall', released } }, release);
  }

  /** The vendor's in-band error, then a proper end of the connection. */
  errorFrameAfter(after: number, reply?: ReplySource): Scripted {
    return this.behave({ reply, interruption: { after, how: 'error-frame' } });
  }

  /** `count` data lines that are not JSON, after the first content event or before it; a half JSON body when unstreamed. */
  malformedEvent(count = 1, reply?: ReplySource, where: 'before' | 'after' = 'after'): Scripted {
    const broken: Frame[] = Array.from({ length: count }, () => ({ kind: 'other', data: '{"broken": ' }));
    return this.behave({
      reply,
      truncatesJson: true,
      editFrames: (frames) => {
        const first = frames.findIndex((frame) => frame.kind === 'content');
        const at = where === 'after' ? first + 1 : first;
        return [...frames.slice(0, at), ...broken, ...frames.slice(at)];
      },
    });
  }

  /** A stream that ends without its terminal event, with finish and usage in place. */
  noDone(reply?: ReplySource): Scripted {
    return this.editFrames((frames) => frames.filter((frame) => frame.kind !== 'done'), reply);
  }

  /** A stream that ends cleanly with neither finish reason nor terminal event. */
  noFinish(reply?: ReplySource): Scripted {
    const lost = new Set(['finish', 'usage', 'done']);
    return this.editFrames((frames) => frames.filter((frame) => !lost.has(frame.kind)), reply);
  }

  /** Leaves every usage out, streamed and not. */
  noUsage(reply?: ReplySource): Scripted {
    return this.editUsage(() => undefined, reply);
  }

  /** Reports impossible numbers. */
  absurdUsage(number: number | string | null = -1_000_000_000_000, reply?: ReplySource): Scripted {
    return this.editUsage((usage) => {
      for (const [name, value] of Object.entries(usage)) if (typeof value === 'number') usage[name] = number;
      return usage;
    }, reply);
  }

  /** 200 with a page in place of the answer. */
  html(status = 200): Scripted {
    return this.behave({
      instead: ({ response }) => {
        response.writeHead(status, { 'content-type': 'text/html' });
        response.end('<!doctype html><html><body><h1>Upstream proxy</h1></body></html>');
      },
    });
  }

  /** 200 with the proper content type and nothing in it. */
  empty(): Scripted {
    return this.behave({
      instead: ({ request, response }) => {
        const type = request.wantsStream ? 'text/event-stream' : 'application/json';
        response.writeHead(200, { 'content-type': type }).end();
      },
    });
  }

  /** The first half of a JSON answer under a length that fits it. */
  truncatedJson(reply?: ReplySource): Scripted {
    return this.behave({ reply, truncatesJson: true });
  }

  redirect(url: string, status = 307): Scripted {
    return this.behave({ instead: ({ response }) => void response.writeHead(status, { location: url }).end() });
  }

  /** The answer compressed, streamed or not. */
  gzip(reply?: ReplySource): Scripted {
    return this.behave({ reply, gzip: true });
  }

  /** A stream whose head comes at once and whose first content after `ms`; an unstreamed answer comes after `ms`. */
  slowFirst(ms: number, reply?: ReplySource): Scripted {
    return this.behave({
      reply: (request) => {
        const plain = (typeof reply === 'function' ? reply(request) : reply) ?? {};
        return { ...plain, ...(request.wantsStream ? { firstContentDelayMs: ms } : { delayMs: ms }) };
      },
    });
  }

  /** The same answer in an odd spelling. */
  noisy(noise: WireNoise, reply?: ReplySource): Scripted {
    return this.behave({ reply, noise });
  }

  /** Writes these bytes to the socket, status line and all, and ends the connection. */
  raw(...chunks: (string | Buffer)[]): Scripted {
    return this.behave({
      instead: ({ request, response }) => {
        request.isBrokenByFake = true;
        for (const chunk of chunks) response.socket?.write(chunk);
        response.socket?.end();
      },
    });
  }

  /** 200 with these chunks as the body. */
  rawBody(contentType: string, ...chunks: (string | Buffer)[]): Scripted {
    return this.behave({
      instead: ({ response }) => {
        response.writeHead(200, { 'content-type': contentType });
        for (const chunk of chunks) response.write(chunk);
        response.end();
      },
    });
  }

  /** 200 with `chunk` over and over until `bytes` were sent or the client left. */
  flood(contentType: string, chunk: string, bytes: number): Scripted {
    return this.behave({
      instead: async ({ response }) => {
        response.writeHead(200, { 'content-type': contentType });
        await sendFlood(response, chunk, bytes);
      },
    });
  }

  /** Sends `after` content events at once, then the next one byte by byte, with `byteDelayMs` of silence between two bytes. */
  drip(after: number, { byteDelayMs, reply }: { byteDelayMs: number; reply?: ReplySource }): Scripted {
    return this.behave({ reply, drip: { after, byteDelayMs } });
  }

  /** The same in the middle of a stream. */
  floodAfter(after: number, chunk: string, bytes: number, reply?: ReplySource): Scripted {
    return this.behave({ reply, interruption: { after, how: 'flood', flood: { chunk, bytes } } });
  }

  /** Changes the events of a stream before they are sent. */
  editFrames(edit: (frames: Frame[]) => Frame[], reply?: ReplySource): Scripted {
    return this.behave({ reply, editFrames: edit });
  }

  /** Changes the body of an unstreamed answer; sends what the function returns, or the changed body. */
  editJson(edit: (body: Record<string, unknown>) => unknown, reply?: ReplySource): Scripted {
    return this.behave({ reply, editJson: edit });
  }

  /** Every other request fails with the status, the ones between get the vendor's default answer. */
  failEveryOther(status: number): Scripted {
    let count = 0;
    const failure: Behaviour = {
      instead: (exchange) =>
        sendJson(exchange, { status, body: exchange.vendor.errorBody(status, exchange.request) }, {}),
    };
    return this.behave({ choose: () => (count++ % 2 === 0 ? failure : {}) });
  }

  /** Sets any behaviour; the methods above are words for this. */
  behave(behaviour: Behaviour, release: () => void = () => undefined): Scripted {
    this.#queue.push(behaviour);
    this.#releases.add(release);
    const scripted: Scripted = {
      times: (count) => {
        for (let more = 1; more < count; more += 1) this.#queue.push(behaviour);
        return scripted;
      },
      forever: () => {
        this.#queue = this.#queue.filter((queued) => queued !== behaviour);
        this.#standing = behaviour;
        return scripted;
      },
      release,
    };
    return scripted;
  }

  protected takeBehaviour(): Behaviour {
    const behaviour = this.#queue.shift() ?? this.#standing;
    return behaviour.choose?.() ?? behaviour;
  }

  protected clearBehaviours(): void {
    this.#queue = [];
    this.#standing = {};
    for (const release of this.#releases) release();
    this.#releases.clear();
  }

  private editUsage(edit: (usage: Record<string, unknown>) => unknown, reply?: ReplySource): Scripted {
    const apply = (body: Record<string, unknown>): void => {
      const usage = this.vendor.usageOf(body);
      if (usage) usage.usage = edit(usage.usage as Record<string, unknown>);
    };
    return this.behave({
      reply,
      editFrames: (frames) => editFrameJson(frames, apply),
      editJson: (body) => {
        apply(body);
        return body;
      },
    });
  }
}
