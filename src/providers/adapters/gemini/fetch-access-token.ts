import { readFile } from 'node:fs/promises';
import type { AuthClient, OAuth2ClientOptions, JWTInput } from 'google-auth-library';
import type { TimeoutConfig } from '../../../config/gateway-config.js';
import { isJsonObject, type JsonObject } from '../../../core/json.js';
import { ProviderError } from '../../provider-error.js';
import type { HttpTransport } from '../../transport/http-transport.js';
import { parseRetryAfter } from '../../transport/parse-retry-after.js';
import { kindOfStatus } from '../../transport/status-kind.js';
import { type TransportFetch, transportFetch } from '../../transport/transport-fetch.js';

export interface AccessToken {
  readonly value: string;
  /** By the clock that never jumps, in milliseconds. */
  readonly expiresAt: number;
  /** What has to go along with it, such as the project that is billed. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface TokenRequest {
  /** Null takes what Google's own rules find on the machine. */
  readonly credentialsFile: string | null;
  readonly timeouts: Pick<TimeoutConfig, 'connectMs' | 'responseHeadMs' | 'bodyMs'>;
  readonly signal: AbortSignal;
}

const SCOPE = 'https://www.googleapis.com/auth/cloud-platform';
const TOKEN_URL = 'https://oauth2.googleapis.com/token';
/** The life of a token whose end nobody names. */
const DEFAULT_LIFE_MS = 600_000;

/**
 * A new access token for Google Cloud, over the transport's connections. Asks once: the library's own retries are cut off at
 * the first failure, which is thrown as a ProviderError, `authentication` when Google refuses.
 */
export async function fetchAccessToken(transport: HttpTransport, request: TokenRequest): Promise<AccessToken> {
  const credentials = await readCredentials(request.credentialsFile);
  return new Promise((resolve, reject) => {
    const fetchOnce = singleFetch(transport, request, tokenUrlOf(credentials), reject);
    askLibrary(credentials, fetchOnce, transport.clock.monotonic()).then(resolve, (error: unknown) => {
      reject(toTokenError(error));
    });
  });
}

async function askLibrary(credentials: JsonObject | null, fetch: TransportFetch, now: number): Promise<AccessToken> {
  const client = await createClient(credentials, { transporterOptions: { fetchImplementation: fetch } });
  const { token } = await client.getAccessToken();
  if (typeof token !== 'string' || token === '') throw refusal('Google gave no access token.');
  const { expiry_date: expiresAt } = client.credentials;
  // The library counts by the machine's clock.
  const lifeMs = typeof expiresAt === 'number' ? expiresAt - Date.now() : DEFAULT_LIFE_MS;
  return {
    value: token,
    expiresAt: now + lifeMs,
    headers: client.quotaProjectId === undefined ? {} : { 'x-goog-user-project': client.quotaProjectId },
  };
}

// Only who uses Vertex AI pays for the library. It has classes for the usual accounts, and finds out about the others.
async function createClient(credentials: JsonObject | null, options: OAuth2ClientOptions): Promise<AuthClient> {
  const { GoogleAuth, JWT, UserRefreshClient } = await import('google-auth-library');
  const json = credentials as JWTInput | null;
  if (json?.type === 'service_account') {
    const account = new JWT({ ...options, scopes: SCOPE });
    account.fromJSON(json);
    return account;
  }
  if (json?.type === 'authorized_user') {
    const person = new UserRefreshClient(options);
    person.fromJSON(json);
    return person;
  }
  return new GoogleAuth({ scopes: SCOPE, clientOptions: options, ...(json && { credentials: json }) }).getClient();
}

// The library would try again by itself, for longer than an attempt may last: what fails once is told at once.
function singleFetch(
  transport: HttpTransport,
  { timeouts, signal }: TokenRequest,
  tokenUrl: string,
  fail: (error: ProviderError) => void,
): TransportFetch {
  const { connectMs, responseHeadMs, bodyMs } = timeouts;
  const send = transportFetch(transport, { connectMs, headMs: responseHeadMs, bodyMs });
  let failure: ProviderError | null = null;
  const failWith = (error: ProviderError): ProviderError => {
    failure ??= error;
    fail(failure);
    return failure;
  };
  return async (url, init = {}) => {
    if (failure) throw failure;
    const asked = url instanceof Request ? url.url : String(url);
    const body = init.body instanceof URLSearchParams ? init.body.toString() : init.body;
    const target = asked === TOKEN_URL ? tokenUrl : asked;
    const response = await send(target, { ...init, body, signal }).catch((error: unknown) => {
      throw failWith(toTokenError(error));
    });
    if (response.status < 400) return response;
    const retryAfterMs = parseRetryAfter(Object.fromEntries(response.headers), transport.clock);
    await response.body?.cancel();
    throw failWith(refusalOfStatus(response.status, retryAfterMs));
  };
}

function refusalOfStatus(status: number, retryAfterMs: number | undefined): ProviderError {
  const kind = kindOfStatus(status);
  const isTemporary = kind === 'rate-limited' || kind === 'timeout' || status >= 500;
  if (!isTemporary) return refusal('Google refused the credentials.', status);
  return new ProviderError(kind, 'Google did not give out an access token.', { status, retryAfterMs });
}

function refusal(message: string, status?: number, cause?: unknown): ProviderError {
  return new ProviderError('authentication', message, { status, cause });
}

async function readCredentials(file: string | null): Promise<JsonObject | null> {
  if (file === null) return null;
  try {
    const value: unknown = JSON.parse(await readFile(file, 'utf8'));
    if (isJsonObject(value)) return value;
  } catch (error) {
    throw refusal('The credentials file cannot be read.', undefined, error);
  }
  throw refusal('The credentials file holds no credentials.');
}

// The library asks Google whatever the file says; the file may name another place, such as one inside of a network.
function tokenUrlOf(credentials: JsonObject | null): string {
  const uri = credentials?.token_uri;
  return typeof uri === 'string' && URL.canParse(uri) ? uri : TOKEN_URL;
}

function toTokenError(error: unknown): ProviderError {
  if (error instanceof ProviderError) return error;
  if (error instanceof Error && error.cause instanceof ProviderError) return error.cause;
  return refusal('No access token could be had with the credentials.', undefined, error);
}
