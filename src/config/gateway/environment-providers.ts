import type { ConfigurationProblem } from '../configuration-error.js';
import type { ProviderConfig, ProviderType } from '../gateway-config.js';
import { checkBaseUrl } from './check-base-url.js';
import { plainProvider } from './to-providers.js';

/** What the environment says about the vendors that it can name. */
export interface VendorVariables {
  readonly OPENAI_API_KEY: string | null;
  readonly OPENAI_BASE_URL: string | null;
  readonly ANTHROPIC_API_KEY: string | null;
  readonly ANTHROPIC_BASE_URL: string | null;
  readonly GEMINI_API_KEY: string | null;
  readonly GOOGLE_API_KEY: string | null;
  readonly GEMINI_BASE_URL: string | null;
  readonly AZURE_OPENAI_API_KEY: string | null;
  readonly AZURE_OPENAI_ENDPOINT: string | null;
  readonly AZURE_OPENAI_API_VERSION: string | null;
}

/** The vendors whose keys stand in the environment, under their own names; of Google's two keys GEMINI_API_KEY counts first. */
export function environmentProviders(variables: VendorVariables): ProviderConfig[] {
  const { OPENAI_API_KEY, OPENAI_BASE_URL, ANTHROPIC_API_KEY, ANTHROPIC_BASE_URL, GEMINI_BASE_URL } = variables;
  const geminiKey = variables.GEMINI_API_KEY ?? variables.GOOGLE_API_KEY;
  const providers: ProviderConfig[] = [];
  if (OPENAI_API_KEY !== null) providers.push(plainProvider('openai', 'openai', OPENAI_BASE_URL, [OPENAI_API_KEY]));
  if (ANTHROPIC_API_KEY !== null) {
    providers.push(plainProvider('anthropic', 'anthropic', ANTHROPIC_BASE_URL, [ANTHROPIC_API_KEY]));
  }
  if (geminiKey !== null) providers.push(plainProvider('gemini', 'gemini', GEMINI_BASE_URL, [geminiKey]));
  return [...providers, ...azureProvider(variables)];
}

/** What is wrong with the vendors' variables although each is right by itself. */
export function checkVendorVariables(variables: VendorVariables): ConfigurationProblem[] {
  const problems = BASE_URLS.flatMap(([name, type]) => {
    const message = checkBaseUrl(type, variables[name] ?? '');
    return message === null ? [] : [{ where: name, message }];
  });
  if (variables.AZURE_OPENAI_API_KEY === null || variables.AZURE_OPENAI_ENDPOINT !== null) return problems;
  const message =
    'is missing; AZURE_OPENAI_API_KEY needs the endpoint of its resource, such as https://NAME.openai.azure.com';
  return [...problems, { where: 'AZURE_OPENAI_ENDPOINT', message }];
}

const BASE_URLS: readonly (readonly [keyof VendorVariables, ProviderType])[] = [
  ['ANTHROPIC_BASE_URL', 'anthropic'],
  ['GEMINI_BASE_URL', 'gemini'],
  ['AZURE_OPENAI_ENDPOINT', 'azure-openai'],
];

function azureProvider(variables: VendorVariables): ProviderConfig[] {
  const { AZURE_OPENAI_API_KEY: apiKey, AZURE_OPENAI_ENDPOINT: endpoint, AZURE_OPENAI_API_VERSION } = variables;
  if (apiKey === null || endpoint === null) return [];
  const azure = { apiVersion: AZURE_OPENAI_API_VERSION, deployments: {} };
  return [{ ...plainProvider('azure', 'azure-openai', endpoint, [apiKey]), azure }];
}
