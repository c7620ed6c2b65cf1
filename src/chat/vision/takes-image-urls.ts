import type { ProviderType } from '../../config/gateway-config.js';

// `local` looks at no images, and needs none. Servers that are only compatible mostly do as OpenAI does.
const FETCH_THEMSELVES: ReadonlySet<ProviderType> = new Set<ProviderType>([
  'openai',
  'azure-openai',
  'openai-compatible',
  'anthropic',
  'local',
]);
/** Where Google keeps files of its users: only it may read them, and only by their addresses. */
const GOOGLE_FILES = 'https://generativelanguage.googleapis.com/';

/** Whether providers of the type fetch images by themselves. */
export function takesImageUrls(type: ProviderType): boolean {
  return FETCH_THEMSELVES.has(type);
}

/** Whether an image can only be told by its address. */
export function isKeptByProvider(url: string): boolean {
  return url.startsWith(GOOGLE_FILES);
}
