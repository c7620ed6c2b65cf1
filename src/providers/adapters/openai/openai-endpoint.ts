import type { OpenAiApi, ProviderConfig } from '../../../config/gateway-config.js';
import { endpoint } from '../../transport/endpoint.js';
import { azureBaseUrl } from './azure-endpoint.js';

const OPENAI_URL = 'https://api.openai.com/v1';
const PATHS: Readonly<Record<OpenAiApi, string>> = {
  chat: '/chat/completions',
  responses: '/responses',
  completions: '/completions',
};

/** Where a server takes its requests, and how it wants to be shown the credential. */
export interface OpenAiEndpoint {
  /** As the official client takes it. Throws `model-not-found` for a model that has no address. */
  baseUrl(model: string): string;
  url(api: OpenAiApi, model: string): URL;
  credential(apiKey: string): Record<string, string>;
}

/** The endpoint of a configured provider. Throws for an Azure provider without the address of its resource. */
export function createEndpoint({ name, baseUrl, azure }: ProviderConfig): OpenAiEndpoint {
  if (azure === null) {
    const base = baseUrl ?? OPENAI_URL;
    const urls = {
      chat: endpoint(base, PATHS.chat),
      responses: endpoint(base, PATHS.responses),
      completions: endpoint(base, PATHS.completions),
    };
    return {
      baseUrl: () => base,
      url: (api) => urls[api],
      credential: (apiKey) => ({ authorization: `Bearer ${apiKey}` }),
    };
  }
  if (baseUrl === null) throw new Error(`The provider "${name}" has no address of an Azure resource.`);
  return {
    baseUrl: (model) => azureBaseUrl(baseUrl, azure, model),
    url: (api, model) => endpoint(azureBaseUrl(baseUrl, azure, model), PATHS[api]),
    credential: (apiKey) => ({ 'api-key': apiKey }),
  };
}
