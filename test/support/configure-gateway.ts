import type { GatewayConfig } from '../../src/config/gateway-config.js';
import type { VendorVariables } from '../../src/config/gateway/environment-providers.js';
import { parseModelsFile } from '../../src/config/gateway/read-models-file.js';
import { toGatewayConfig } from '../../src/config/gateway/to-gateway-config.js';

/** An environment without a key. */
export const NO_VENDORS: VendorVariables = {
  OPENAI_API_KEY: null,
  OPENAI_BASE_URL: null,
  ANTHROPIC_API_KEY: null,
  ANTHROPIC_BASE_URL: null,
  GEMINI_API_KEY: null,
  GOOGLE_API_KEY: null,
  GEMINI_BASE_URL: null,
  AZURE_OPENAI_API_KEY: null,
  AZURE_OPENAI_ENDPOINT: null,
  AZURE_OPENAI_API_VERSION: null,
};
const VARIABLES: Readonly<Record<string, string>> = {
  EIGHT: '8',
  KEY: 'sk-1',
  HEAD_MS: '750',
  RATIO: '0.25',
  YES: 'true',
};

/** The configuration of a models file's text, and its problems a line each. Files are relative to a place that has none. */
export function configure(text: string, vendors = NO_VENDORS): { gateway: GatewayConfig; problems: string[] } {
  const { gateway, problems } = toGatewayConfig(
    parseModelsFile(text, 'f.yaml', (name) => VARIABLES[name] ?? null),
    vendors,
    '/nowhere',
  );
  return { gateway, problems: problems.map(({ where, message }) => `${where}: ${message}`) };
}
