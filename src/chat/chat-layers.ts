import { Injectable } from '@nestjs/common';
import type { ChatLayer } from './chat-layer.js';
import { ExactCacheLayer } from './response-cache/exact-cache.layer.js';
import { SemanticCacheLayer } from './semantic-cache/semantic-cache.layer.js';
import { SharedAnswers } from './shared-answers.service.js';
import { VisionLayer } from './vision/vision.layer.js';
import { StructuredAnswers } from './structured/structured-answers.service.js';

/** The layers of the chat service, outermost first: vision, structured output, exact cache, semantic cache, single flight. */
@Injectable()
export class ChatLayers {
  readonly list: readonly ChatLayer[];

  constructor(
    vision: VisionLayer,
    structured: StructuredAnswers,
    exact: ExactCacheLayer,
    semantic: SemanticCacheLayer,
    shared: SharedAnswers,
  ) {
    this.list = [vision, structured, exact, semantic, shared];
  }
}
