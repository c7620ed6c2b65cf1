import type { ConfigurationProblem } from '../../config/configuration-error.js';
import type { GatewayConfig, TargetConfig } from '../../config/gateway-config.js';
import { catalogModelOf } from './catalog-model.js';
import type { ModelCatalog } from './model-catalog.js';

/** The context fallbacks that could not take what a target could not, as far as the catalogue knows their windows. */
export function checkContextFallbacks(
  { providers, models }: Pick<GatewayConfig, 'providers' | 'models'>,
  catalog: Pick<ModelCatalog, 'find'>,
): ConfigurationProblem[] {
  const byName = new Map(providers.map((provider) => [provider.name, provider]));
  const windowOf = (target: TargetConfig): number | null => {
    const provider = byName.get(target.provider);
    const entry = provider && catalog.find(provider.type, catalogModelOf(provider, target.model));
    return entry?.contextWindow ?? null;
  };
  return models.flatMap(({ name, targets, contextFallback }) => {
    const largest = Math.max(0, ...targets.map((target) => windowOf(target) ?? 0));
    return contextFallback.flatMap((fallback) => {
      const window = windowOf(fallback);
      if (window === null || window > largest) return [];
      const message = `${fallback.provider}/${fallback.model} reads ${tokens(window)}, no more than a target of "${name}" does (${tokens(largest)}); name a model with a larger context window`;
      return [{ where: `models.${name}.context_fallback`, message }];
    });
  });
}

function tokens(count: number): string {
  return `${count.toLocaleString('en-US')} tokens`;
}
