import type { ProviderConfig } from '../../../config/gateway-config.js';
import { endpoint } from '../../transport/endpoint.js';
import { azureBaseUrl } from './azure-endpoint.js';

const OPENAI_URL = 'https://api.openai.com/v1';
const CHAT_PATH = '/chat/completions';

/** Where a server takes its requests, and how it wants to be shown the credential. */
export interface OpenAiEndpoint {
  /** As the official client takes it. Throws `model-not-found` for a model that has no address. */
  baseUrl(model: string): string;
  chatUrl(model: string): URL;
  credential(apiKey: string): Record<string, string>;
}

/** The endpoint of a configured provider. Throws for an Azure provider without the address of its resource. */
export function createEndpoint({ name, baseUrl, azure }: ProviderConfig): OpenAiEndpoint {
  if (azure === null) {
    const base = baseUrl ?? OPENAI_URL;
    const chatUrl = endpoint(base, CHAT_PATH);
    return {
      baseUrl: () => base,
      chatUrl: () => chatUrl,
      credential: (apiKey) => ({ authorization: `Bearer ${apiKey}` }),
    };
  }
  if (baseUrl === null) throw new Error(`The provider "${name}" has no address of an Azure resource.`);
  return {
    baseUrl: (model) => azureBaseUrl(baseUrl, azure, model),
    chatUrl: (model) => endpoint(azureBaseUrl(baseUrl, azure, model), CHAT_PATH),
    credential: (apiKey) => ({ 'api-key': apiKey }),
  };
}
