import type { ProviderConfig, ProviderType } from '../../config/gateway-config.js';
import type { ChatRequest } from '../../core/chat/chat-request.js';

const OPENAI_TYPES: ReadonlySet<ProviderType> = new Set<ProviderType>(['openai', 'azure-openai', 'openai-compatible']);

/**
 * The request's own body, where the provider may be sent it; undefined where it is told in other words, which have none of
 * what only the body says: a search that OpenAI would run costs nothing at those who are not asked for it.
 */
export function sourceSentTo(
  { source }: Pick<ChatRequest, 'source'>,
  provider: Pick<ProviderConfig, 'type' | 'apis'> | undefined,
): ChatRequest['source'] {
  if (!source || !provider) return source;
  const { type, apis = ['chat'] } = provider;
  if (source.dialect === 'anthropic-messages') return type === 'anthropic' ? source : undefined;
  if (source.dialect === 'native') return source;
  if (!OPENAI_TYPES.has(type)) return undefined;
  const isTranslated =
    source.dialect === 'openai-responses' && type === 'openai-compatible' && !apis.includes('responses');
  return isTranslated ? undefined : source;
}
