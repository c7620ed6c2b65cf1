import type { ProviderType } from '../gateway-config.js';

interface Ending {
  readonly pattern: RegExp;
  readonly shown: string;
}

const VERSION: Ending = { pattern: /\/v1\/*$/, shown: '/v1' };
const GOOGLE_VERSION: Ending = { pattern: /\/(?:v1(?:alpha|beta\d*)?|models)\/*$/, shown: '/v1, /v1beta or /models' };
const DEPLOYMENT: Ending = { pattern: /\/deployments(?:\/[^/]*)?\/*$/, shown: 'a deployment' };

/** What the adapters put behind the base URL themselves. */
const UNWANTED_ENDINGS: Readonly<Partial<Record<ProviderType, Ending>>> = {
  anthropic: VERSION,
  gemini: GOOGLE_VERSION,
  vertex: GOOGLE_VERSION,
  'azure-openai': DEPLOYMENT,
};

/** Why the provider's base URL cannot be meant as it stands; null when it can. */
export function checkBaseUrl(type: ProviderType, baseUrl: string): string | null {
  const ending = UNWANTED_ENDINGS[type];
  if (!ending?.pattern.test(baseUrl)) return null;
  return `must not end in ${ending.shown} for a provider of type ${type}`;
}
