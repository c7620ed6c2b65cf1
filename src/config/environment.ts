import { resolve } from 'node:path';
import type { AuthConfig } from './auth-config.js';
import { type ConfigurationProblem, ConfigurationError } from './configuration-error.js';
import type { DatabaseConfig } from './database-config.js';
import type { EnvironmentVariables } from './environment-variables.js';
import type { GatewayConfig } from './gateway-config.js';
import { readModelsFile } from './gateway/read-models-file.js';
import { toGatewayConfig } from './gateway/to-gateway-config.js';
import { createVariableReader, readVariables, type VariableSource } from './read-variables.js';
import type { ServerConfig } from './server-config.js';

/** Everything that was configured from outside, validated: the four slices that the modules inject. */
export class Environment {
  constructor(
    readonly server: ServerConfig,
    readonly database: DatabaseConfig,
    readonly auth: AuthConfig,
    readonly gateway: GatewayConfig,
  ) {}
}

/**
 * The configuration from variables and the files that they name (relative to `directory`).
 * @throws ConfigurationError with every problem of the variables and of the models file.
 */
export function loadEnvironment(source: VariableSource, directory: string = process.cwd()): Environment {
  const problems: ConfigurationProblem[] = [];
  const read = createVariableReader(source, directory, problems);
  const variables = readVariables(read, source, problems);
  const { gateway, problems: fileProblems } = toGatewayConfig(
    readModelsFile(variables.TRUNKLINE_CONFIG, directory, read),
    variables,
    directory,
  );
  problems.push(...fileProblems);
  if (problems.length > 0) throw new ConfigurationError(problems);
  return new Environment(
    toServerConfig(variables),
    toDatabaseConfig(variables, directory),
    { adminKey: variables.TRUNKLINE_ADMIN_KEY },
    gateway,
  );
}

function toServerConfig(variables: EnvironmentVariables): ServerConfig {
  return {
    host: variables.HOST,
    port: variables.PORT,
    logLevel: variables.LOG_LEVEL,
    bodyLimitBytes: variables.BODY_LIMIT,
    corsOrigins: variables.CORS_ORIGINS,
    trustProxy: variables.TRUST_PROXY,
    drainSeconds: variables.DRAIN_SECONDS,
    metricsAuth: variables.METRICS_AUTH,
    commitMs: variables.STREAM_COMMIT_MS,
  };
}

function toDatabaseConfig(variables: EnvironmentVariables, directory: string): DatabaseConfig {
  return {
    url: variables.DATABASE_URL,
    dataDir: resolve(directory, variables.TRUNKLINE_DATA_DIR),
    schema: variables.DATABASE_SCHEMA,
    poolSize: variables.DATABASE_POOL_SIZE ?? (variables.DATABASE_URL === null ? 5 : 10),
  };
}
