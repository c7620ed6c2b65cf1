import type { ProviderType } from '../../config/gateway-config.js';
import type { ImageVendor } from '../../tokens/image-tokens.js';

/** Whose way of counting images a provider has: where nobody knows, OpenAI's. */
export function imageVendorOf(type: ProviderType): ImageVendor {
  if (type === 'anthropic') return 'anthropic';
  return type === 'gemini' || type === 'vertex' ? 'gemini' : 'openai';
}
