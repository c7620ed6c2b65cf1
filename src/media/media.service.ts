import { Injectable } from '@nestjs/common';
import type { CallContext } from '../core/call-context.js';
import type {
  ImageRequest,
  MediaAnswer,
  ModerationRequest,
  SpeechRequest,
  TranscriptionRequest,
} from '../core/media/media-request.js';
import { VettedFetch } from '../egress/vetted-fetch.js';
import type { MediaTask } from '../providers/media/plan-media.js';
import { ProviderRegistry } from '../providers/provider-registry.js';
import type { MediaCapability } from '../providers/routing/route-table.js';
import type { MediaOrder } from '../usage/metering/media-order.js';
import { imageOrder } from '../usage/metering/media/image-order.js';
import { moderationOrder } from '../usage/metering/media/moderation-order.js';
import { speechOrder } from '../usage/metering/media/speech-order.js';
import { transcriptionOrder } from '../usage/metering/media/transcription-order.js';
import { UsageMeter } from '../usage/usage-meter.js';
import { meterPieces } from './meter-pieces.js';

/** Images, speech, transcripts and judgements: admitted, routed, metered. Everything rejects with AppError or ClientGoneError. */
@Injectable()
export class MediaService {
  constructor(
    private readonly meter: UsageMeter,
    private readonly providers: ProviderRegistry,
    private readonly egress: VettedFetch,
  ) {}

  image(request: ImageRequest, call: CallContext): Promise<MediaAnswer> {
    const { model, prompt, isStream } = request;
    return this.#send('image', imageOrder(request), call, {
      ...{ model, texts: [prompt], isStream, isSlow: true },
      send: (adapter, name, attempt) => adapter.image?.(name, request, attempt),
    });
  }

  speak(request: SpeechRequest, call: CallContext): Promise<MediaAnswer> {
    const { model, input, isStream } = request;
    return this.#send('speak', speechOrder(request), call, {
      ...{ model, texts: [input], isStream, isSlow: false },
      send: (adapter, name, attempt) => adapter.speak?.(name, request, attempt),
    });
  }

  transcribe(request: TranscriptionRequest, call: CallContext): Promise<MediaAnswer> {
    const { model, prompt, isStream } = request;
    return this.#send('transcribe', transcriptionOrder(request), call, {
      ...{ model, texts: [prompt], isStream, isSlow: true },
      send: (adapter, name, attempt) => adapter.transcribe?.(name, request, attempt),
    });
  }

  async moderate(request: ModerationRequest, call: CallContext): Promise<MediaAnswer> {
    const { model, texts, imageUrls = [] } = request;
    for (const { url, param } of imageUrls) this.egress.checkUrl(url, param);
    return this.#send('moderate', moderationOrder(request), call, {
      ...{ model, texts, isStream: false, isSlow: false },
      send: (adapter, name, attempt) => adapter.moderate?.(name, request, attempt),
    });
  }

  async #send(
    capability: MediaCapability,
    order: MediaOrder,
    call: CallContext,
    task: MediaTask,
  ): Promise<MediaAnswer> {
    call.requestedModel ??= order.model;
    const meter = await this.meter.admitMedia(order, call);
    try {
      const answer = await this.providers.media(capability, task, call);
      switch (answer.type) {
        case 'whole':
          meter.complete();
          return answer;
        case 'bytes':
          return { ...answer, pieces: meterPieces(answer.pieces, meter) };
        case 'events':
          return { ...answer, frames: meterPieces(answer.frames, meter) };
      }
    } catch (error) {
      meter.fail(error);
      throw error;
    }
  }
}
