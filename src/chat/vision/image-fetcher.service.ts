import { Injectable } from '@nestjs/common';
import type { CallContext } from '../../core/call-context.js';
import { Cancellation } from '../../core/cancellation.js';
import { Clock } from '../../core/clock.js';
import { InvalidRequestError } from '../../core/errors/app-error.js';
import { Places } from '../../core/places.js';
import { fetchFailed } from '../../egress/egress-errors.js';
import { VettedFetch } from '../../egress/vetted-fetch.js';
import { checkImage, type CheckedImage, imageTooLarge, MAX_IMAGE_BYTES } from './check-image.js';
import type { ImagePlace } from './image-places.js';
import { takePlace } from './take-place.js';

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
// Of all requests of a project together: each may hold 20 MB.
const FETCHES_OF_PROJECT = 16;
const MOST_WAIT_MS = 60_000;
const MAX_FETCHED = 32;
const MAX_FETCHED_BYTES = 50 * 1024 ** 2;
const ACCEPT = 'image/png, image/jpeg, image/gif, image/webp';

/** Fetches the images that a request names by URL, each URL once, within bounds of number, size and time. */
@Injectable()
export class ImageFetcher {
  // A call that asks several times, as tools make it, sees the same images each time.
  readonly #found = new WeakMap<CallContext, Map<string, FetchedImage | Error>>();
  readonly #places = new Map<string, Places>();

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
   * have too many bytes; the failures of single ones are among the results. Images of a stored conversation make nothing fail:
   * the newest are fetched, as far as there is room for them.
   */
  async fetchAll(places: readonly ImagePlace[], call: CallContext): Promise<FetchedImages> {
    const images = this.#found.get(call) ?? new Map<string, FetchedImage | Error>();
    this.#found.set(call, images);
    const errands = errandsOf(places).filter(({ url }) => !images.has(url));
    const own = errands.filter(({ param }) => param !== undefined);
    const earlier = errands.filter(({ param }) => param === undefined);
    const stop = new Cancellation();
    const leave = (): void => {
      stop.abort(call.signal.reason);
    };
    call.signal.addEventListener('abort', leave);
    if (call.signal.aborted) leave();
    try {
      for (const part of [own, earlier]) {
        await Promise.all(lanesOf(part).map((lane) => this.#work(lane, images, stop, call)));
      }
    } catch (error) {
      stop.abort(error);
      throw error;
    } finally {
      call.signal.removeEventListener('abort', leave);
    }
    for (const { part } of places) {
      if (part.source.kind === 'url' && !images.has(part.source.url)) images.set(part.source.url, fetchFailed());
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
      const image = await this.#fetch(errand, stop, call).catch((error: unknown) => error as Error);
      if (stop.aborted) throw stop.reason;
      const isTooMuch = !(image instanceof Error) && bytesOf(images) + bytesIn(image) > MAX_FETCHED_BYTES;
      if (isTooMuch && errand.param !== undefined) throw imageTooLarge(errand.param);
      images.set(errand.url, isTooMuch ? fetchFailed() : image);
    }
  }

  async #fetch(errand: Errand, signal: Cancellation, { principal, deadline }: CallContext): Promise<FetchedImage> {
    const places = this.#places.get(principal.projectId) ?? new Places(FETCHES_OF_PROJECT);
    this.#places.set(principal.projectId, places);
    await takePlace(places, timeLeft(MOST_WAIT_MS, deadline, this.clock), signal, this.clock);
    try {
      return await this.#fetchNow(errand, signal, deadline);
    } finally {
      places.leave();
      if (places.areFree) this.#places.delete(principal.projectId);
    }
  }

  async #fetchNow({ url, param }: Errand, signal: Cancellation, deadline: number): Promise<FetchedImage> {
    const timeoutMs = timeLeft(FETCH_MS, deadline, this.clock);
    const options = { maxBytes: MAX_IMAGE_BYTES, timeoutMs, accept: ACCEPT, signal, param };
    const { status, mediaType, body } = await this.egress.fetch(url, options);
    if (status !== 200 || /^text\/|json$|xhtml/.test(mediaType)) throw notAnImage(param);
    return { ...checkImage(body, param), data: body.toString('base64') };
  }
}

function timeLeft(mostMs: number, deadline: number, clock: Clock): number {
  return Math.max(0, Math.min(mostMs, deadline - clock.monotonic()));
}

// What the request brings itself comes first, then what was said last.
function errandsOf(places: readonly ImagePlace[]): Errand[] {
  const errands = new Map<string, Errand>();
  const own = places.filter(({ param }) => param !== undefined);
  for (const { part, param } of [...own, ...places.toReversed()]) {
    if (part.source.kind !== 'url' || errands.has(part.source.url)) continue;
    if (errands.size < MAX_FETCHED) errands.set(part.source.url, { url: part.source.url, param });
    else if (param !== undefined) throw tooManyImages(param);
  }
  return [...errands.values()];
}

function tooManyImages(param: string): InvalidRequestError {
  const message = `At most ${String(MAX_FETCHED)} images by URL are possible for this model. Send others as data URLs.`;
  return new InvalidRequestError('array_too_long', message, { param });
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
  let bytes = 0;
  for (const image of images.values()) if (!(image instanceof Error)) bytes += bytesIn(image);
  return bytes;
}

function bytesIn({ data }: FetchedImage): number {
  return (data.length * 3) / 4;
}

function notAnImage(param: string | undefined): InvalidRequestError {
  const message = 'There is no image at the URL. Check that it answers 200 with the image itself, or send its data.';
  return new InvalidRequestError('url_fetch_failed', message, { param });
}
