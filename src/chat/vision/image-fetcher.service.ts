import { Injectable } from '@nestjs/common';
import type { CallContext } from '../../core/call-context.js';
import { Cancellation } from '../../core/cancellation.js';
import { Clock } from '../../core/clock.js';
import { InvalidRequestError } from '../../core/errors/app-error.js';
import { VettedFetch } from '../../egress/vetted-fetch.js';
import { checkImage, type CheckedImage, imageTooLarge, MAX_IMAGE_BYTES } from './check-image.js';
import type { ImagePlace } from './image-places.js';

/** An image as it was found. */
export interface FetchedImage extends CheckedImage {
  readonly data: string;
}

/** Everything fetched, by URL: an image, or why there is none. */
export type FetchedImages = ReadonlyMap<string, FetchedImage | Error>;

interface Errand {
  readonly url: string;
  readonly param: string | undefined;
}

const FETCH_MS = 10_000;
const FETCHES_AT_ONCE = 4;
const MAX_FETCHED = 32;
const MAX_FETCHED_BYTES = 50 * 1024 ** 2;
const ACCEPT = 'image/png, image/jpeg, image/gif, image/webp';

/** Fetches the images that a request names by URL, each URL once, within bounds of number, size and time. */
@Injectable()
export class ImageFetcher {
  // A call that asks several times, as tools make it, sees the same images each time.
  readonly #found = new WeakMap<CallContext, Map<string, FetchedImage | Error>>();

  constructor(
    private readonly egress: VettedFetch,
    private readonly clock: Clock,
  ) {}

  /** Throws unless the URL may be used, by its text alone. */
  checkUrl(url: string, param: string | undefined): void {
    this.egress.checkUrl(url, param);
  }

  /**
   * Rejects with the client's leaving, with `array_too_long` for too many images, and with `image_too_large` when together they
   * have too many bytes; the failures of single ones are among the results.
   */
  async fetchAll(places: readonly ImagePlace[], call: CallContext): Promise<FetchedImages> {
    const images = this.#found.get(call) ?? new Map<string, FetchedImage | Error>();
    this.#found.set(call, images);
    const errands = errandsOf(places).filter(({ url }) => !images.has(url));
    const stop = new Cancellation();
    const leave = (): void => {
      stop.abort(call.signal.reason);
    };
    call.signal.addEventListener('abort', leave);
    if (call.signal.aborted) leave();
    try {
      await Promise.all(lanesOf(errands).map((lane) => this.#work(lane, images, stop, call)));
    } catch (error) {
      stop.abort(error);
      throw error;
    } finally {
      call.signal.removeEventListener('abort', leave);
    }
    return images;
  }

  async #work(
    lane: Iterable<Errand>,
    images: Map<string, FetchedImage | Error>,
    stop: Cancellation,
    call: CallContext,
  ): Promise<void> {
    for (const errand of lane) {
      const image = await this.#fetch(errand, stop, call.deadline).catch((error: unknown) => error as Error);
      if (stop.aborted) throw stop.reason;
      images.set(errand.url, image);
      if (bytesOf(images) > MAX_FETCHED_BYTES) throw imageTooLarge(errand.param);
    }
  }

  async #fetch({ url, param }: Errand, signal: Cancellation, deadline: number): Promise<FetchedImage> {
    const timeoutMs = Math.max(0, Math.min(FETCH_MS, deadline - this.clock.now()));
    const options = { maxBytes: MAX_IMAGE_BYTES, timeoutMs, accept: ACCEPT, signal, param };
    const { status, mediaType, body } = await this.egress.fetch(url, options);
    if (status !== 200 || /^text\/|json$|xhtml/.test(mediaType)) throw notAnImage(param);
    return { ...checkImage(body, param), data: body.toString('base64') };
  }
}

function errandsOf(places: readonly ImagePlace[]): Errand[] {
  const errands = new Map<string, Errand>();
  for (const { part, param } of places) {
    if (part.source.kind !== 'url' || errands.has(part.source.url)) continue;
    errands.set(part.source.url, { url: part.source.url, param });
    if (errands.size > MAX_FETCHED) {
      const message = `At most ${String(MAX_FETCHED)} images by URL are possible for this model. Send others as data URLs.`;
      throw new InvalidRequestError('array_too_long', message, { param });
    }
  }
  return [...errands.values()];
}

// Each lane takes the next errand when it is done with one.
function lanesOf(errands: readonly Errand[]): Iterable<Errand>[] {
  const rest = errands.values();
  return Array.from({ length: FETCHES_AT_ONCE }, () => ({
    *[Symbol.iterator]() {
      for (let next = rest.next(); next.done !== true; next = rest.next()) yield next.value;
    },
  }));
}

function bytesOf(images: ReadonlyMap<string, FetchedImage | Error>): number {
  let characters = 0;
  for (const image of images.values()) if (!(image instanceof Error)) characters += image.data.length;
  return (characters * 3) / 4;
}

function notAnImage(param: string | undefined): InvalidRequestError {
  const message = 'There is no image at the URL. Check that it answers 200 with the image itself, or send its data.';
  return new InvalidRequestError('url_fetch_failed', message, { param });
}
