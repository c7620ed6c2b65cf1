import { Injectable } from '@nestjs/common';
import type { CallContext } from '../../core/call-context.js';
import type { FilePart, UserPart } from '../../core/chat/chat-request.js';
import { Clock } from '../../core/clock.js';
import { AppError, InvalidRequestError } from '../../core/errors/app-error.js';
import { Places } from '../../core/places.js';
import { type FetchedResource, VettedFetch } from '../../egress/vetted-fetch.js';
import type { DocumentPlace } from './document-places.js';
import { takePlace } from './take-place.js';

const FETCH_MS = 20_000;
const MOST_WAIT_MS = 60_000;
// Of all requests of a project together: each may hold as much.
const FETCHES_OF_PROJECT = 4;
const MOST_DOCUMENTS = 16;
const MOST_BYTES = 32 * 1024 ** 2;
const ACCEPT = 'application/pdf, text/plain, text/*;q=0.9, application/json;q=0.8';
const PDF_HEAD = '%PDF-';

/** Fetches the documents that a request names by URL, within bounds of number, size and time. */
@Injectable()
export class DocumentFetcher {
  readonly #places = new Map<string, Places>();

  constructor(
    private readonly egress: VettedFetch,
    private readonly clock: Clock,
  ) {}

  /**
   * What stands at the URLs, PDFs as files and texts as texts. Rejects with the client's leaving, `array_too_long`
   * and, unless failures are tolerated, with why a document could not be had.
   */
  async fetchAll(
    documents: readonly DocumentPlace[],
    call: CallContext,
    { toleratesFailures }: { toleratesFailures: boolean },
  ): Promise<Map<FilePart, UserPart>> {
    if (documents.length > MOST_DOCUMENTS) throw tooMany();
    const found = new Map<FilePart, UserPart>();
    let bytesLeft = MOST_BYTES;
    for (const { part, url } of documents) {
      try {
        const resource = await this.#fetch(url, bytesLeft, call);
        bytesLeft -= resource.body.length;
        found.set(part, toPart(resource, part.filename));
      } catch (error) {
        const isTolerated = toleratesFailures && error instanceof AppError && error.code === 'url_fetch_failed';
        if (!isTolerated || call.signal.aborted) throw error;
      }
    }
    return found;
  }

  async #fetch(url: string, maxBytes: number, { principal, signal, deadline }: CallContext): Promise<FetchedResource> {
    const places = this.#places.get(principal.projectId) ?? new Places(FETCHES_OF_PROJECT);
    this.#places.set(principal.projectId, places);
    await takePlace(places, this.#timeLeft(MOST_WAIT_MS, deadline), signal, this.clock);
    try {
      const timeoutMs = this.#timeLeft(FETCH_MS, deadline);
      return await this.egress.fetch(url, { maxBytes, timeoutMs, accept: ACCEPT, signal });
    } finally {
      places.leave();
      if (places.areFree) this.#places.delete(principal.projectId);
    }
  }

  #timeLeft(mostMs: number, deadline: number): number {
    return Math.max(0, Math.min(mostMs, deadline - this.clock.monotonic()));
  }
}

function toPart({ status, mediaType, body }: FetchedResource, filename: string | undefined): UserPart {
  if (status !== 200) throw notADocument();
  if (body.toString('latin1', 0, PDF_HEAD.length) === PDF_HEAD) {
    const data = body.toString('base64');
    return { type: 'file', source: { kind: 'base64', mediaType: 'application/pdf', data }, filename };
  }
  if (!/^text\/|json$/.test(mediaType)) throw notADocument();
  const title = filename === undefined ? [] : [`Title: ${filename}`];
  const text = ['<document>', ...title, body.toString('utf8'), '</document>'].join('\n');
  return { type: 'text', text };
}

function notADocument(): InvalidRequestError {
  const message =
    'There is no PDF and no text at the URL of a document. Check that it answers 200 with one, or send it.';
  return new InvalidRequestError('url_fetch_failed', message);
}

function tooMany(): InvalidRequestError {
  const message = `At most ${String(MOST_DOCUMENTS)} documents by URL are possible for this model. Send others as data.`;
  return new InvalidRequestError('array_too_long', message);
}
