import { resolve } from 'node:path';
import type { AdmissionConfig } from './admission-config.js';
import { toAdmissionConfig } from './admission-variables.js';
import { type AuthConfig, toAuthConfig } from './auth-config.js';
import type { BatchesConfig } from './batches-config.js';
import { type ConfigurationProblem, ConfigurationError } from './configuration-error.js';
import type { CatalogConfig } from './catalog-config.js';
import type { DatabaseConfig } from './database-config.js';
import type { EgressConfig } from './egress-config.js';
import type { EnvironmentVariables } from './environment-variables.js';
import type { GatewayConfig } from './gateway-config.js';
import type { IdempotencyConfig } from './idempotency-config.js';
import { readModelsFile } from './gateway/read-models-file.js';
import { toGatewayConfig } from './gateway/to-gateway-config.js';
import { createVariableReader, readVariables, type VariableSource } from './read-variables.js';
import type { LedgerConfig } from './ledger-config.js';
import type { ResponsesConfig } from './responses-config.js';
import type { RetentionConfig } from './retention-config.js';
import type { RedisConfig } from './redis-config.js';
import type { SecretsConfig } from './secrets-config.js';
import type { ServerConfig } from './server-config.js';
import { toTracingConfig } from './to-tracing-config.js';
import type { TracingConfig } from './tracing-config.js';
import type { UploadConfig } from './upload-config.js';
import type { WebhooksConfig } from './webhooks-config.js';

/** Everything that was configured from outside, validated: the slices that the modules inject. */
export interface Environment {
  readonly server: ServerConfig;
  readonly database: DatabaseConfig;
  readonly auth: AuthConfig;
  readonly gateway: GatewayConfig;
  readonly ledger: LedgerConfig;
  readonly uploads: UploadConfig;
  readonly egress: EgressConfig;
  readonly idempotency: IdempotencyConfig;
  readonly webhooks: WebhooksConfig;
  readonly responses: ResponsesConfig;
  readonly retention: RetentionConfig;
  readonly batches: BatchesConfig;
  readonly redis: RedisConfig;
  readonly secrets: SecretsConfig;
  readonly catalog: CatalogConfig;
  readonly tracing: TracingConfig;
  readonly admission: AdmissionConfig;
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
  const auth = toAuthConfig(variables, problems);
  if (variables.WORKERS > 1 && variables.DATABASE_URL === null) problems.push(workersWithoutServer());
  const isPart = variables.ROLE === 'api' || variables.ROLE === 'worker';
  if (isPart && variables.DATABASE_URL === null) problems.push(roleWithoutServer(variables.ROLE));
  if (problems.length > 0) throw new ConfigurationError(problems);
  return {
    server: toServerConfig(variables),
    database: toDatabaseConfig(variables, directory),
    auth,
    gateway,
    ledger: { retentionDays: variables.LEDGER_RETENTION_DAYS },
    uploads: {
      limitBytes: variables.UPLOAD_LIMIT,
      audioLimitBytes: variables.AUDIO_LIMIT,
      parserProcesses: variables.PARSER_PROCESSES,
    },
    egress: { allow: variables.EGRESS_ALLOW },
    idempotency: {
      keptSeconds: variables.IDEMPOTENCY_HOURS * 3600,
      answerLimitBytes: variables.IDEMPOTENCY_ANSWER_LIMIT,
      storageLimitBytes: variables.IDEMPOTENCY_STORAGE_LIMIT,
    },
    webhooks: {
      retryAfterMs: variables.WEBHOOK_RETRY_SECONDS.map((seconds) => seconds * 1_000),
      timeoutMs: variables.WEBHOOK_TIMEOUT_SECONDS * 1_000,
      keptDays: variables.WEBHOOK_RETENTION_DAYS,
    },
    responses: { keptDays: variables.RESPONSE_RETENTION_DAYS },
    retention: { conversationDays: variables.CONVERSATION_RETENTION_DAYS, jobDays: variables.JOB_RETENTION_DAYS },
    batches: {
      concurrency: variables.BATCH_CONCURRENCY,
      keptDays: variables.BATCH_RETENTION_DAYS,
      fileLimitBytes: variables.FILE_LIMIT,
      storageLimitBytes: variables.FILE_STORAGE_LIMIT,
    },
    redis: { url: variables.REDIS_URL },
    secrets: toSecretsConfig(variables, directory),
    catalog: toCatalogConfig(variables, directory),
    tracing: toTracingConfig(variables),
    admission: toAdmissionConfig(variables),
  };
}

function toServerConfig(variables: EnvironmentVariables): ServerConfig {
  return {
    host: variables.HOST,
    port: variables.PORT,
    workers: variables.WORKERS,
    role: variables.ROLE,
    logLevel: variables.LOG_LEVEL,
    bodyLimitBytes: variables.BODY_LIMIT,
    corsOrigins: variables.CORS_ORIGINS,
    trustProxy: variables.TRUST_PROXY,
    drainSeconds: variables.DRAIN_SECONDS,
    drainGraceSeconds: variables.DRAIN_GRACE_SECONDS,
    metricsAuth: variables.METRICS_AUTH,
    commitMs: variables.STREAM_COMMIT_MS,
  };
}

function toCatalogConfig(variables: EnvironmentVariables, directory: string): CatalogConfig {
  const dataDir = resolve(directory, variables.TRUNKLINE_DATA_DIR);
  return {
    file:
      variables.CATALOG_FILE === null ? resolve(dataDir, 'catalog.json') : resolve(directory, variables.CATALOG_FILE),
    isNamed: variables.CATALOG_FILE !== null,
    copy: resolve(dataDir, 'catalog.last-good.json'),
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

// Replicas share a server's database, and would have to share the file.
function toSecretsConfig(variables: EnvironmentVariables, directory: string): SecretsConfig {
  const dataDir = resolve(directory, variables.TRUNKLINE_DATA_DIR);
  return {
    secret: variables.TRUNKLINE_SECRET,
    previous: variables.TRUNKLINE_SECRET_PREVIOUS,
    file: variables.DATABASE_URL === null ? resolve(dataDir, 'secret') : null,
  };
}

function workersWithoutServer(): ConfigurationProblem {
  return {
    where: 'WORKERS',
    message: 'more than one process needs a PostgreSQL server: set DATABASE_URL, or take 1',
  };
}

function roleWithoutServer(role: string): ConfigurationProblem {
  return {
    where: 'ROLE',
    message: `a process that is only \`${role}\` needs another one beside it on a PostgreSQL server: set DATABASE_URL, or take both`,
  };
}
