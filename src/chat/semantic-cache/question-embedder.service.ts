import { Injectable } from '@nestjs/common';
import { GatewayConfig, type Wording } from '../../config/gateway-config.js';
import type { CallContext } from '../../core/call-context.js';
import { EmbeddingsService } from '../../embeddings/embeddings.service.js';
import { ModelIdentities } from '../../providers/model-identities.js';
import { ProviderRegistry } from '../../providers/provider-registry.js';
import { toVectorText } from './to-vector-text.js';

/** The space that questions are compared in. */
export interface QuestionSpace {
  /** Whose vectors they are: those of two spaces cannot be compared. */
  readonly identity: string;
  /** What must agree between questions where nobody says it: words, if the model does not know what they mean. */
  readonly wording: Wording;
}

/** Turns questions into vectors, by the embedding model of the semantic cache. */
@Injectable()
export class QuestionEmbedder {
  readonly #model: string;

  constructor(
    gateway: GatewayConfig,
    private readonly embeddings: EmbeddingsService,
    private readonly providers: ProviderRegistry,
    private readonly identities: ModelIdentities,
  ) {
    this.#model = gateway.caches.semantic.embeddingModel ?? gateway.defaults.embeddings;
  }

  /** Throws `model_not_found` when no provider of the embedding model is usable. */
  space(): QuestionSpace {
    const { targets } = this.providers.resolve(this.#model);
    const isBuiltIn = targets.every(({ providerType }) => providerType === 'local');
    return { identity: this.identities.of(this.#model), wording: isBuiltIn ? 'same' : 'free' };
  }

  /** The question's vector as the database reads it; null when it says nothing. Rejects with AppError. */
  async embed(question: string, call: CallContext): Promise<string | null> {
    const { vectors } = await this.embeddings.embed({ model: this.#model, inputs: [question] }, call);
    const [vector] = vectors;
    return vector ? toVectorText(vector) : null;
  }
}
