import { Transform } from 'class-transformer';
import {
  ArrayMaxSize,
  IsBoolean,
  IsIn,
  IsInt,
  IsNotEmpty,
  IsOptional,
  Matches,
  Max,
  Min,
  MinLength,
} from 'class-validator';
import { PROCESS_ROLES, type ProcessRole } from '../core/process-role.js';
import { AdmissionVariables } from './admission-variables.js';
import { toBoolean, toBytes, toIntegers, toList, toTrustProxy } from './convert-variable.js';
import { IsAddressList, IsOriginList, IsServiceUrl, IsTrustProxy } from './variable-validators.js';
import { WholeNumber } from './whole-number.js';

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

/** A decorator for the key of a vendor. */
function VendorKey(): PropertyDecorator {
  return (target, property) => {
    IsOptional()(target, property);
    Matches(/^[\x21-\x7e]+$/, { message: 'must be a key of visible ASCII characters without blanks' })(
      target,
      property,
    );
  };
}

/**
 * Every environment variable that Trunkline reads, by its own name, with its default; null means not set. An empty
 * variable counts as not set. `*_FILE` variants are resolved before.
 */
export class EnvironmentVariables extends AdmissionVariables {
  /** `postgres://user:password@host:5432/database`; without it the embedded database under the data directory serves. */
  @IsOptional()
  @IsServiceUrl(['postgres:', 'postgresql:'])
  DATABASE_URL: string | null = null;

  @Matches(/^(?!pg_)[a-z_][a-z0-9_]{0,44}$/, {
    message: 'must be a schema name: lower-case letters, digits and _, at most 45, not beginning with a digit or pg_',
  })
  DATABASE_SCHEMA = 'trunkline';

  /** Connections of this process; without a value 10 on PostgreSQL and 5 on the embedded database. */
  @IsOptional()
  @WholeNumber(1, 500)
  DATABASE_POOL_SIZE: number | null = null;

  /** An accelerator for counters that replicas share; nothing depends on it. */
  @IsOptional()
  @IsServiceUrl(['redis:', 'rediss:'])
  REDIS_URL: string | null = null;

  /** Port 0 takes any free one. */
  @WholeNumber(0, 65_535)
  PORT = 3000;

  /** Only this machine by default: a fresh install must not offer itself to the network. The image sets 0.0.0.0. */
  @Matches(/^[A-Za-z0-9.:_-]{1,255}$/, { message: 'must be an address or a host name without a scheme or a port' })
  HOST = '127.0.0.1';

  /** Processes that share the port and the work; more than one needs DATABASE_URL. */
  @WholeNumber(1, 128)
  WORKERS = 1;

  /** What this process is for: requests, what happens in the background, or both. Either alone needs DATABASE_URL. */
  @IsIn(PROCESS_ROLES, { message: `must be one of ${PROCESS_ROLES.join(', ')}` })
  ROLE: ProcessRole = 'both';

  @IsIn(LOG_LEVELS, { message: `must be one of ${LOG_LEVELS.join(', ')}` })
  LOG_LEVEL: (typeof LOG_LEVELS)[number] = 'info';

  @VendorKey()
  OPENAI_API_KEY: string | null = null;

  /** As the OpenAI SDK takes it, with `/v1`. */
  @IsOptional()
  @IsServiceUrl(['http:', 'https:'])
  OPENAI_BASE_URL: string | null = null;

  @VendorKey()
  ANTHROPIC_API_KEY: string | null = null;

  /** As the Anthropic SDK takes it, without `/v1`. */
  @IsOptional()
  @IsServiceUrl(['http:', 'https:'])
  ANTHROPIC_BASE_URL: string | null = null;

  @VendorKey()
  GEMINI_API_KEY: string | null = null;

  /** The other name that Google gives the same key; GEMINI_API_KEY counts first. */
  @VendorKey()
  GOOGLE_API_KEY: string | null = null;

  /** As the Gen AI SDK takes it, without `/v1beta`. */
  @IsOptional()
  @IsServiceUrl(['http:', 'https:'])
  GEMINI_BASE_URL: string | null = null;

  @VendorKey()
  AZURE_OPENAI_API_KEY: string | null = null;

  /** The resource, such as `https://NAME.openai.azure.com`. */
  @IsOptional()
  @IsServiceUrl(['http:', 'https:'])
  AZURE_OPENAI_ENDPOINT: string | null = null;

  /** Without it the resource's `/openai/v1` surface is spoken, which needs none. */
  @IsOptional()
  @Matches(/^[A-Za-z0-9][A-Za-z0-9.-]{0,39}$/, {
    message: 'must be a version such as 2024-10-21, 2025-04-01-preview or preview',
  })
  AZURE_OPENAI_API_VERSION: string | null = null;

  /** The models file; `config/trunkline.yaml` is read when it exists. */
  @IsOptional()
  @IsNotEmpty()
  TRUNKLINE_CONFIG: string | null = null;

  /** Prices, limits and abilities of models in place of the built-in ones; `catalog.json` in the data directory when not set. */
  @IsOptional()
  @IsNotEmpty()
  CATALOG_FILE: string | null = null;

  @IsNotEmpty()
  TRUNKLINE_DATA_DIR = './data';

  @IsOptional()
  @MinLength(20, { message: 'must have at least 20 characters' })
  @Matches(/^[\x21-\x7e]+$/, { message: 'must be visible ASCII characters without blanks, to fit in a header' })
  TRUNKLINE_ADMIN_KEY: string | null = null;

  /** What secrets are encrypted with that the server keeps; made in the data directory with the embedded database. */
  @IsOptional()
  @MinLength(32, { message: 'must have at least 32 characters, such as the output of: openssl rand -base64 32' })
  TRUNKLINE_SECRET: string | null = null;

  /** Another secret that still opens what it closed, while secrets are rotated. */
  @IsOptional()
  @MinLength(32, { message: 'must have at least 32 characters, as the secret that it was' })
  TRUNKLINE_SECRET_PREVIOUS: string | null = null;

  /** Where the public keys of JWTs are found; the three belong together. */
  @IsOptional()
  @IsServiceUrl(['http:', 'https:'])
  JWT_JWKS_URL: string | null = null;

  /** What `iss` has to be. */
  @IsOptional()
  @IsNotEmpty()
  JWT_ISSUER: string | null = null;

  /** What `aud` has to be or hold. */
  @IsOptional()
  @IsNotEmpty()
  JWT_AUDIENCE: string | null = null;

  /** `trunkline_project` when not set. */
  @IsOptional()
  @IsNotEmpty()
  JWT_PROJECT_CLAIM: string | null = null;

  /** `scope` when not set. */
  @IsOptional()
  @IsNotEmpty()
  JWT_SCOPES_CLAIM: string | null = null;

  @WholeNumber(1, 3650)
  AUDIT_RETENTION_DAYS = 365;

  @Transform(({ value }) => toTrustProxy(value))
  @IsTrustProxy()
  TRUST_PROXY: false | number | string[] = false;

  @Transform(({ value }) => toList(value))
  @IsOriginList()
  CORS_ORIGINS: string[] = [];

  /** Addresses and CIDR ranges that URLs from users may lead to although they are not public. */
  @Transform(({ value }) => toList(value))
  @IsAddressList()
  EGRESS_ALLOW: string[] = [];

  @Transform(({ value }) => toBytes(value))
  @IsInt({ message: 'must be a size such as 16mb, 512kb or a number of bytes' })
  @Min(1024, { message: 'must be at least 1kb' })
  @Max(1024 ** 3, { message: 'must be at most 1gb' })
  BODY_LIMIT: number = 16 * 1024 ** 2;

  @Transform(({ value }) => toBytes(value))
  @IsInt({ message: 'must be a size such as 50mb, 512kb or a number of bytes' })
  @Min(1024, { message: 'must be at least 1kb' })
  @Max(1024 ** 3, { message: 'must be at most 1gb' })
  UPLOAD_LIMIT: number = 50 * 1024 ** 2;

  /** What the vendors take themselves. */
  @Transform(({ value }) => toBytes(value))
  @IsInt({ message: 'must be a size such as 25mb, 512kb or a number of bytes' })
  @Min(1024, { message: 'must be at least 1kb' })
  @Max(1024 ** 3, { message: 'must be at most 1gb' })
  AUDIO_LIMIT: number = 25 * 1024 ** 2;

  /** Each takes up to 512 MB while it reads a file. */
  @WholeNumber(1, 64)
  PARSER_PROCESSES = 2;

  @WholeNumber(0, 3600)
  DRAIN_SECONDS = 30;

  /** How long after SIGTERM the port stays open, so that who sends requests here notices that readiness is gone. */
  @WholeNumber(0, 600)
  DRAIN_GRACE_SECONDS = 5;

  @Transform(({ value }) => toBoolean(value))
  @IsBoolean({ message: 'must be true or false' })
  METRICS_AUTH = false;

  @WholeNumber(0, 600_000)
  STREAM_COMMIT_MS = 10_000;

  /** 0 keeps them for ever. */
  @WholeNumber(0, 36_500)
  LEDGER_RETENTION_DAYS = 400;

  /** Days after the last change of a conversation; 0 keeps them until they are deleted. */
  @WholeNumber(0, 36_500)
  CONVERSATION_RETENTION_DAYS = 0;

  /** Days after the end of a job. */
  @WholeNumber(1, 3_650)
  JOB_RETENTION_DAYS = 30;

  @WholeNumber(1, 720)
  IDEMPOTENCY_HOURS = 24;

  /** Seconds from each failed try to deliver to a webhook to the next one; after the last the delivery has failed. */
  @Transform(({ value }) => toIntegers(value))
  @IsInt({ each: true, message: 'must be whole numbers of seconds, separated by commas' })
  @Min(1, { each: true, message: 'must be at least 1 second each' })
  @Max(604_800, { each: true, message: 'must be at most a week, 604800 seconds, each' })
  @ArrayMaxSize(20, { message: 'must be at most 20 numbers' })
  WEBHOOK_RETRY_SECONDS: number[] = [5, 30, 120, 600, 1_800, 7_200, 18_000, 36_000];

  @WholeNumber(1, 120)
  WEBHOOK_TIMEOUT_SECONDS = 15;

  @WholeNumber(1, 3_650)
  WEBHOOK_RETENTION_DAYS = 30;

  @Transform(({ value }) => toBytes(value))
  @IsInt({ message: 'must be a size such as 8mb, 512kb or a number of bytes' })
  @Min(1024, { message: 'must be at least 1kb' })
  @Max(64 * 1024 ** 2, { message: 'must be at most 64mb' })
  IDEMPOTENCY_ANSWER_LIMIT: number = 8 * 1024 ** 2;

  @Transform(({ value }) => toBytes(value))
  @IsInt({ message: 'must be a size such as 1gb, 512mb or a number of bytes' })
  @Min(1024 ** 2, { message: 'must be at least 1mb' })
  IDEMPOTENCY_STORAGE_LIMIT: number = 1024 ** 3;

  @WholeNumber(1, 3_650)
  RESPONSE_RETENTION_DAYS = 30;

  /** Of all batches together, in this process. */
  @WholeNumber(1, 1_000)
  BATCH_CONCURRENCY = 8;

  @WholeNumber(1, 3_650)
  BATCH_RETENTION_DAYS = 30;

  @Transform(({ value }) => toBytes(value))
  @IsInt({ message: 'must be a size such as 100mb, 512kb or a number of bytes' })
  @Min(1024, { message: 'must be at least 1kb' })
  @Max(1024 ** 3, { message: 'must be at most 1gb' })
  FILE_LIMIT: number = 100 * 1024 ** 2;

  /** Of each project. */
  @Transform(({ value }) => toBytes(value))
  @IsInt({ message: 'must be a size such as 2gb, 512mb or a number of bytes' })
  @Min(1024, { message: 'must be at least 1kb' })
  FILE_STORAGE_LIMIT: number = 2 * 1024 ** 3;
}
