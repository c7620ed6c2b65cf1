import type { ProviderConfig } from '../../config/gateway-config.js';
import type { ModelCatalog } from './model-catalog.js';

/** The name under which the catalogue knows a provider's model: of an Azure deployment, the model behind it. */
export function catalogModelOf({ azure }: Pick<ProviderConfig, 'azure'>, model: string): string {
  const deployments = azure?.deployments;
  return deployments && Object.hasOwn(deployments, model) ? (deployments[model] ?? model) : model;
}

/** The models that a provider is known to serve beyond those listed for it: the catalogue's; of Azure, its deployments. */
export function knownModelsOf(
  { type, azure }: Pick<ProviderConfig, 'type' | 'azure'>,
  catalog: Pick<ModelCatalog, 'list'>,
): string[] {
  if (type === 'azure-openai') return Object.keys(azure?.deployments ?? {});
  return catalog.list(type).map((entry) => entry.model);
}
