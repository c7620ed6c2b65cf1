import type { ProviderConfig } from '../../../config/gateway-config.js';

/** What a server that speaks OpenAI's chat completions understands of them. */
export interface ServerTraits {
  /** OpenAI's own service or Azure's: it takes nothing but what OpenAI has written down. */
  readonly isStrict: boolean;
  /** Its name for the most tokens of an answer. */
  readonly outputLimit: 'max_tokens' | 'max_completion_tokens';
  /** Whether it can be asked for the usage of a stream. */
  readonly takesStreamOptions: boolean;
}

/** Azure's first API version with the newer name of the output limit and with usage in streams. */
const AZURE_MODERN = '2024-09-01';

/** What the configured server understands, as far as its type tells. */
export function traitsOf({ type, azure }: Pick<ProviderConfig, 'type' | 'azure'>): ServerTraits {
  const version = azure?.apiVersion ?? null;
  const isModern = version === null || version.slice(0, AZURE_MODERN.length) >= AZURE_MODERN;
  const isStrict = type !== 'openai-compatible';
  return {
    isStrict,
    outputLimit: isStrict && isModern ? 'max_completion_tokens' : 'max_tokens',
    takesStreamOptions: isModern,
  };
}
