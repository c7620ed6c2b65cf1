import type { ProviderConfig, ProviderType } from '../../config/gateway-config.js';
import type { ProviderAdapter } from '../provider-adapter.js';
import type { HttpTransport } from '../transport/http-transport.js';
import { AnthropicAdapter } from './anthropic/anthropic-adapter.js';
import { GeminiAdapter } from './gemini/gemini-adapter.js';
import { LocalAdapter } from './local/local.adapter.js';
import { OpenAiAdapter } from './openai/openai-adapter.js';
import { openAiMedia } from './openai-media/openai-media.js';
import { RerankAdapter } from './rerank/rerank-adapter.js';

type AdapterFactory = (config: ProviderConfig, transport: HttpTransport) => ProviderAdapter;

const openAi: AdapterFactory = (config, transport) =>
  Object.assign(new OpenAiAdapter(config, transport), openAiMedia(config, transport));
const gemini: AdapterFactory = (config, transport) => new GeminiAdapter(config, transport);

/** Every type of provider; adding one is a line here and a folder beside. */
const ADAPTER_FACTORIES: Readonly<Record<ProviderType, AdapterFactory>> = {
  openai: openAi,
  'openai-compatible': openAi,
  'azure-openai': openAi,
  gemini,
  vertex: gemini,
  anthropic: (config, transport) => new AnthropicAdapter(config, transport),
  cohere: (config, transport) => new RerankAdapter(config, 'cohere', transport),
  jina: (config, transport) => new RerankAdapter(config, 'jina', transport),
  voyage: (config, transport) => new RerankAdapter(config, 'voyage', transport),
  local: () => new LocalAdapter(),
};

/** The adapter that speaks to the configured provider. */
export function createAdapter(config: ProviderConfig, transport: HttpTransport): ProviderAdapter {
  return ADAPTER_FACTORIES[config.type](config, transport);
}
