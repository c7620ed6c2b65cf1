import type { ConfigurationProblem } from '../configuration-error.js';
import type { AnswersConfig, GatewayConfig, ModelConfig, ProviderConfig, TargetConfig } from '../gateway-config.js';
import { checkCredentialsFiles } from './check-credentials-files.js';
import { checkModelsFile } from './check-models-file.js';
import type { ModelsFile } from './models-file.js';
import { inFile, type ReadModelsFile } from './read-models-file.js';
import { defaultChatTarget, LOCAL_EMBEDDINGS, STANDARD_ALIASES, standardModel } from './standard-models.js';
import { toCaches } from './to-caches.js';
import { parseTarget, toModel } from './to-models.js';
import { toConversationsConfig } from './to-conversations-config.js';
import { toPrice } from './to-price.js';
import { toToolsConfig } from './to-tools-config.js';
import { environmentProviders, checkVendorVariables, type VendorVariables } from './environment-providers.js';
import { isActive, localProvider, toProvider } from './to-providers.js';

const DEFAULT_OUTPUT_TOKENS = 4_096;

/**
 * The complete gateway configuration; when the file is wrong `problems` say so and it must not be used. Files that it
 * names are relative to `directory`.
 */
export function toGatewayConfig(
  { file, label, declaredProviders, problems }: ReadModelsFile,
  variables: VendorVariables,
  directory: string,
): { gateway: GatewayConfig; problems: ConfigurationProblem[] } {
  const providers = listProviders(file, declaredProviders, variables, directory);
  const known = new Set([...(declaredProviders ?? []), ...providers.map((provider) => provider.name)]);
  const semantic = [...checkModelsFile(file, [...known]), ...checkCredentialsFiles(file, directory)].map(
    ({ path, message }) => ({ where: inFile(label, path), message }),
  );
  const vendors = declaredProviders === null ? checkVendorVariables(variables) : [];
  const active = providers.filter(isActive);
  const models = listModels(file, active);
  return {
    problems: [...problems, ...vendors, ...semantic],
    gateway: {
      providers: active,
      keyless: providers.filter((provider) => !isActive(provider)).map(({ name }) => name),
      models,
      prices: Object.fromEntries(Object.entries(file.prices ?? {}).map(([name, entry]) => [name, toPrice(entry)])),
      defaults: toDefaults(file.defaults, models, active),
      budgets: { defaultOutputTokens: file.budgets?.default_output_tokens ?? DEFAULT_OUTPUT_TOKENS },
      caches: toCaches(file.caches),
      conversations: toConversationsConfig(file.conversations, (name) => usableModel(name, models, active)),
      answers: toAnswers(file.answers, (name) => usableModel(name, models, active)),
      unpricedModels: file.unpriced_models ?? 'flag',
      tools: toToolsConfig(file, directory),
    },
  };
}

/** A `providers` section is the whole list; without one the environment's keys are. The built-in provider is always there. */
function listProviders(
  file: ModelsFile,
  declared: readonly string[] | null,
  variables: VendorVariables,
  directory: string,
): ProviderConfig[] {
  const listed =
    declared === null
      ? environmentProviders(variables)
      : Object.entries(file.providers ?? {}).map(([name, entry]) => toProvider(name, entry, directory));
  return listed.some((provider) => provider.name === 'local') ? listed : [...listed, localProvider()];
}

/** The file's aliases that have a target left, then those of the standard ones that it does not define. */
function listModels(file: ModelsFile, active: readonly ProviderConfig[]): ModelConfig[] {
  const isUsable = (name: string): boolean => active.some((provider) => provider.name === name);
  const instruction = file.continuation?.instruction;
  const caches = toCaches(file.caches);
  const models = Object.entries(file.models ?? {}).map(([name, entry]) =>
    toModel(name, entry, isUsable, instruction, caches),
  );
  const reachable = models.filter((model) => model.targets.length > 0);
  const missing = STANDARD_ALIASES.filter((name) => !reachable.some((model) => model.name === name));
  return [...reachable, ...missing.map((name) => standardModel(name, active))];
}

function usableModel(
  name: string | undefined,
  models: readonly ModelConfig[],
  active: readonly ProviderConfig[],
): string | null {
  if (name === undefined) return null;
  if (models.some((model) => model.name === name)) return name;
  const target = parseTarget(name);
  return active.some((provider) => provider.name === target?.provider) ? name : null;
}

function toDefaults(
  named: ModelsFile['defaults'],
  models: readonly ModelConfig[],
  active: readonly ProviderConfig[],
): GatewayConfig['defaults'] {
  return {
    chat: usableModel(named?.chat, models, active) ?? targetName(defaultChatTarget(active)),
    embeddings: usableModel(named?.embeddings, models, active) ?? targetName(LOCAL_EMBEDDINGS),
    rerank: usableModel(named?.rerank, models, active) ?? undefined,
  };
}

// A model whose provider has no key cannot be asked: then the one that answers is.
function toAnswers(entry: ModelsFile['answers'], findUsable: (name: string) => string | null): AnswersConfig {
  const named = entry?.follow_up_model ?? 'answering';
  return {
    noAnswerText: entry?.no_answer_text ?? null,
    minConfidence: entry?.min_confidence ?? null,
    followUpModel: named === 'none' ? null : (findUsable(named) ?? 'answering'),
  };
}

function targetName(target: TargetConfig): string {
  return `${target.provider}/${target.model}`;
}
