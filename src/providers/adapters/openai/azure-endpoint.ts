import type { AzureConfig } from '../../../config/gateway-config.js';
import { ProviderError } from '../../provider-error.js';

/**
 * The base address of a deployment at an Azure OpenAI resource, as the official client takes one. With an API version it
 * is the deployment's own, the version in its query; without one it is the resource's v1 surface, which finds the
 * deployment in the body. The resource may be given with or without `/openai` or `/openai/v1` behind it. Throws
 * `model-not-found` for a name that cannot be written into a path.
 */
export function azureBaseUrl(
  resourceUrl: string,
  { apiVersion }: Pick<AzureConfig, 'apiVersion'>,
  name: string,
): string {
  const url = new URL(resourceUrl);
  const resource = url.pathname.replace(/\/+$/, '').replace(/\/openai(?:\/v1)?$/i, '');
  if (apiVersion === null) {
    url.pathname = `${resource}/openai/v1`;
    return url.href;
  }
  url.pathname = `${resource}/openai/deployments/${toSegment(name)}`;
  url.searchParams.set('api-version', apiVersion);
  return url.href;
}

// Addresses know the two dot segments in their encoded spelling too, so that there is no way to write these names.
function toSegment(name: string): string {
  if (name !== '' && name !== '.' && name !== '..') return encodeURIComponent(name.toWellFormed());
  throw new ProviderError('model-not-found', 'The provider does not know the model.');
}
