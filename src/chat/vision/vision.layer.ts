import { Injectable } from '@nestjs/common';
import type { ProviderType } from '../../config/gateway-config.js';
import type { CallContext } from '../../core/call-context.js';
import type { ChatEvent } from '../../core/chat/chat-event.js';
import type { ChatRequest, FilePart, ImagePart, TextPart, UserPart } from '../../core/chat/chat-request.js';
import { AppError } from '../../core/errors/app-error.js';
import { allowsModel } from '../../core/model-patterns.js';
import { ProviderRegistry } from '../../providers/provider-registry.js';
import type { AnswerChat, ChatLayer } from '../chat-layer.js';
import { DocumentFetcher } from './document-fetcher.service.js';
import { documentsOf, takesDocumentUrls, withDocuments } from './document-places.js';
import { type FetchedImages, ImageFetcher } from './image-fetcher.service.js';
import { fileUrlsOf, hasImages, type ImagePlace, imagesOf, withImages } from './image-places.js';
import { readInlineImage } from './read-inline-image.js';
import { isKeptByProvider, takesImageUrls } from './takes-image-urls.js';

/** Whether the targets of a model want what comes by URL fetched for them. */
type Need = 'none' | 'some' | 'all';

const GONE: TextPart = { type: 'text', text: '[An image was here that cannot be had any more.]' };
const NOTHING: FetchedImages = new Map();

/**
 * Looks at the images of a request before anybody pays for them: what is sent along is one, the URLs may be used, and what a
 * target does not fetch by itself is fetched here, documents as well.
 */
@Injectable()
export class VisionLayer implements ChatLayer {
  constructor(
    private readonly providers: ProviderRegistry,
    private readonly fetcher: ImageFetcher,
    private readonly documents: DocumentFetcher,
  ) {}

  answer(request: ChatRequest, call: CallContext, next: AnswerChat): Promise<AsyncIterable<ChatEvent>> | null {
    return hasImages(request) ? this.#see(request, call).then((seen) => next(seen, call)) : null;
  }

  async #see(request: ChatRequest, call: CallContext): Promise<ChatRequest> {
    for (const { url, param } of fileUrlsOf(request)) this.fetcher.checkUrl(url, param);
    const places = imagesOf(request);
    const gone = this.#refusedEarlier(places);
    const wanted = places.filter(
      ({ part }) => part.source.kind === 'url' && !gone.has(part) && !isKeptByProvider(part.source.url),
    );
    const need = wanted.length === 0 ? 'none' : this.#needOf(request.model, call, takesImageUrls);
    const fetched = need === 'none' ? NOTHING : await this.fetcher.fetchAll(wanted, call);
    const seen = places.map(
      (place) => [place.part, gone.has(place.part) ? GONE : seenImage(place, fetched, need)] as const,
    );
    return withDocuments(withImages(request, new Map(seen)), await this.#read(request, call));
  }

  async #read(request: ChatRequest, call: CallContext): Promise<ReadonlyMap<FilePart, UserPart>> {
    const documents = documentsOf(request);
    const takes = (type: ProviderType): boolean => takesDocumentUrls(type, request);
    const need = documents.length === 0 ? 'none' : this.#needOf(request.model, call, takes);
    if (need === 'none') return new Map();
    return this.documents.fetchAll(documents, call, { toleratesFailures: need === 'some' });
  }

  // A stored turn may hold a URL for which it was refused. Throws for a URL that the request itself brings.
  #refusedEarlier(places: readonly ImagePlace[]): ReadonlySet<ImagePart> {
    const refused = new Set<ImagePart>();
    for (const { part, param } of places) {
      if (part.source.kind !== 'url') continue;
      try {
        this.fetcher.checkUrl(part.source.url, param);
      } catch (error) {
        if (param !== undefined || !(error instanceof AppError)) throw error;
        refused.add(part);
      }
    }
    return refused;
  }

  #needOf(model: string, { principal }: CallContext, takes: (type: ProviderType) => boolean): Need {
    const { targets } = this.providers.resolve(model);
    const names = targets.map((target) => `${target.provider}/${target.model}`);
    // Who may not ask the model has nothing fetched for it either, and is refused further on.
    if (!allowsModel(principal.models, model, names)) return 'none';
    const needy = targets.filter(({ providerType }) => !takes(providerType)).length;
    return needy === 0 ? 'none' : needy === targets.length ? 'all' : 'some';
  }
}

/** Throws what is wrong with it; an image of an earlier turn gives way to a remark instead, so that the talk can go on. */
function seenImage(place: ImagePlace, fetched: FetchedImages, need: Need): ImagePart | TextPart {
  try {
    return place.part.source.kind === 'url' ? withFetched(place.part, fetched, need) : readInlineImage(place);
  } catch (error) {
    if (place.param === undefined && error instanceof AppError) return GONE;
    throw error;
  }
}

function withFetched(part: ImagePart, fetched: FetchedImages, need: Need): ImagePart {
  const image = part.source.kind === 'url' ? fetched.get(part.source.url) : undefined;
  if (part.source.kind !== 'url' || !image) return part;
  if (image instanceof Error) {
    // Somebody else may have more luck with it.
    if (need === 'some' && image instanceof AppError && image.code === 'url_fetch_failed') return part;
    throw image;
  }
  const { mediaType, data, size } = image;
  return { ...part, source: { ...part.source, fetched: { mediaType, data } }, size };
}
