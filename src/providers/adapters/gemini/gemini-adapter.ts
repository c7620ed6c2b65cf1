import type { ProviderConfig } from '../../../config/gateway-config.js';
import type { ProviderAdapter } from '../../provider-adapter.js';
import type { HttpTransport } from '../../transport/http-transport.js';

/** Google's Gemini models, through the Gemini API or Vertex AI. */
export class GeminiAdapter implements ProviderAdapter {
  readonly #config: ProviderConfig;
  readonly #transport: HttpTransport;

  constructor(config: ProviderConfig, transport: HttpTransport) {
    this.#config = config;
    this.#transport = transport;
  }
}
