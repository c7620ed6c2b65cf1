import type { ProviderConfig, ProviderType } from '../../../../src/config/gateway-config.js';
import { catalogEntry } from '../../../support/catalog-entry.js';
import { providerConfig } from '../adapter-under-test.js';

/** One kind of model that requests are translated for. */
export interface TranslationTarget {
  readonly name: string;
  /** The head of its column. */
  readonly title: string;
  readonly model: string;
  readonly config: ProviderConfig;
  readonly entry: ReturnType<typeof catalogEntry> | null;
}

const ALL = { tools: true, vision: true, jsonSchema: true, reasoning: true, promptCaching: true };

/** Every kind of provider, by a model of the present generation. */
export const TARGETS: readonly TranslationTarget[] = [
  target('openai', 'OpenAI', 'openai', 'gpt-5.4'),
  target('openai-responses', 'OpenAI, a model of Responses only', 'openai', 'o3-pro', 'responses'),
  target('openai-compatible', 'OpenAI-compatible', 'openai-compatible', 'llama'),
  target('anthropic', 'Anthropic', 'anthropic', 'claude-sonnet-4-5'),
  target('gemini', 'Gemini', 'gemini', 'gemini-3-flash'),
  target('local', 'local/extractive', 'local', 'extractive'),
];

function target(
  name: string,
  title: string,
  type: ProviderType,
  model: string,
  kind: 'chat' | 'responses' = 'chat',
): TranslationTarget {
  const baseUrl = type.startsWith('openai') ? 'http://provider.invalid/v1' : 'http://provider.invalid';
  const config = providerConfig(type, baseUrl, { name });
  const isKnown = type !== 'openai-compatible' && type !== 'local';
  return { name, title, model, config, entry: isKnown ? catalogEntry({ model, kind, capabilities: ALL }) : null };
}
