import type { ProviderType } from '../../config/gateway-config.js';
import type { Operation } from '../../core/call-context.js';
import type { TokenUsage } from '../../core/chat/token-usage.js';

/** What a request for images, sound or judgements uses, whoever is asked. */
export interface MediaOrder {
  readonly operation: Exclude<Operation, 'chat' | 'embeddings'>;
  /** As the client named it. */
  readonly model: string;
  /** Which images are made, as `QUALITY SIZE`; missing where none are. */
  readonly imageVariant?: string;
  /** Tokens of its texts at a glance. */
  roughTokens(): number;
  /** The most that one attempt can use. */
  most(type: ProviderType): TokenUsage;
  /** What one attempt uses where the provider does not say. */
  usual(type: ProviderType): TokenUsage;
}
