import { describe, expect, it } from '@jest/globals';
import type { GatewayConfig } from '../config/gateway-config.js';
import { ModelCatalog } from '../providers/catalog/model-catalog.js';
import type { ProviderRegistry } from '../providers/provider-registry.js';
import { ChatModels } from './chat-models.js';

const OPENAI = { provider: 'openai', providerType: 'openai', model: 'gpt-4' };
const LARGE = { provider: 'openai', providerType: 'openai', model: 'gpt-5.4-mini' };
const CLAUDE = { provider: 'claude', providerType: 'anthropic', model: 'claude-haiku-4-5' };
const LAB = { provider: 'lab', providerType: 'openai-compatible', model: 'nobody-knows' };
const LOCAL = { provider: 'local', providerType: 'local', model: 'extractive' };
const TARGETS: Record<string, object[]> = {
  small: [OPENAI],
  both: [LARGE, OPENAI],
  large: [LARGE],
  claude: [CLAUDE],
  lab: [LAB],
  rescued: [LARGE, LOCAL],
  local: [LOCAL],
};

const models = new ChatModels(
  {
    providers: [OPENAI, CLAUDE, LAB, LOCAL].map(({ provider, providerType }) => ({
      name: provider,
      type: providerType,
    })),
    defaults: { chat: 'local' },
  } as unknown as GatewayConfig,
  { resolve: (name: string) => ({ targets: TARGETS[name] }) } as unknown as ProviderRegistry,
  new ModelCatalog(),
);

describe('ChatModels', () => {
  it('leaves room for the answer in the smallest window', () => {
    const { promptTokens } = models.factsOf('small');
    expect(promptTokens).toBeGreaterThan(4_000);
    expect(promptTokens).toBeLessThan(8_192 - 2_000);
    expect(models.factsOf('both').promptTokens).toBe(promptTokens);
    expect(models.factsOf('large').promptTokens).toBeGreaterThan(300_000);
  });

  it('allows for vendors that count more tokens than we do', () => {
    expect(models.factsOf('claude').promptTokens).toBeLessThan(200_000 / 1.5);
  });

  it('takes a usual window for a model that nobody knows, and none for what runs here', () => {
    const { promptTokens } = models.factsOf('lab');
    expect(promptTokens).toBeGreaterThan(8_000);
    expect(promptTokens).toBeLessThan(12_000);
    expect(models.factsOf('local').promptTokens).toBe(Infinity);
  });

  it('says who runs here, by default as well', () => {
    expect(models.factsOf('')).toMatchObject({ runsHere: true, takesDocuments: true });
    expect(models.factsOf('rescued')).toMatchObject({ runsHere: false, takesDocuments: true });
    expect(models.factsOf('large')).toMatchObject({ runsHere: false, takesDocuments: false });
  });
});
