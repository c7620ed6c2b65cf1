import type { CancelSignal } from '../../../core/cancellation.js';
import type { ProviderConfig } from '../../../config/gateway-config.js';
import type { AttemptContext } from '../../provider-adapter.js';
import { endpoint } from '../../transport/endpoint.js';
import type { HttpTransport } from '../../transport/http-transport.js';
import type { Authorization } from './authorization.js';
import { GoogleTokens } from './google-tokens.js';

/** Where Gemini models are served, and how one is let in there. */
export interface GeminiEndpoint {
  readonly isVertex: boolean;
  /** The address of a method of a model. No name of a model leads anywhere else. */
  urlOf(model: string, method: string, attempt: Pick<AttemptContext, 'apiKey'>): URL;
  /** What to show; any of the signals ends waiting for it. Throws only ProviderError. */
  authorize(
    attempt: Pick<AttemptContext, 'apiKey' | 'timeouts'>,
    signals: readonly CancelSignal[],
  ): Authorization | Promise<Authorization>;
}

const GEMINI_URL = 'https://generativelanguage.googleapis.com';
/** Vertex AI without a project, by an API key alone; and its location `global`. */
const VERTEX_URL = 'https://aiplatform.googleapis.com';
const MULTI_REGIONS = new Set(['us', 'eu']);
const NOTHING: Authorization = { headers: {}, secret: null };

/** The endpoint of a provider of type `gemini` or `vertex`. */
export function createGeminiEndpoint(config: ProviderConfig, transport: HttpTransport): GeminiEndpoint {
  return config.type === 'vertex' ? vertexEndpoint(config, transport) : geminiEndpoint(config);
}

function geminiEndpoint({ baseUrl }: ProviderConfig): GeminiEndpoint {
  const base = endpoint(baseUrl ?? GEMINI_URL, '/v1beta/models/').href;
  return {
    isVertex: false,
    urlOf: (model, method) => methodUrl(base, model, method),
    authorize: ({ apiKey }) => (apiKey === null ? NOTHING : byKey(apiKey)),
  };
}

function vertexEndpoint({ baseUrl, vertex }: ProviderConfig, transport: HttpTransport): GeminiEndpoint {
  const tokens = new GoogleTokens(transport, vertex?.credentialsFile ?? null);
  const project = vertex?.project ?? '';
  const location = vertex?.location ?? '';
  const parent = `/v1/projects/${toSegment(project)}/locations/${toSegment(location)}`;
  const byProject = endpoint(baseUrl ?? vertexUrl(location), `${parent}/publishers/google/models/`).href;
  const byKeyAlone = endpoint(baseUrl ?? VERTEX_URL, '/v1/publishers/google/models/').href;
  return {
    isVertex: true,
    urlOf: (model, method, { apiKey }) => methodUrl(apiKey === null ? byProject : byKeyAlone, model, method),
    authorize: ({ apiKey, timeouts }, signals) =>
      apiKey === null ? tokens.authorize(timeouts, signals) : byKey(apiKey),
  };
}

function vertexUrl(location: string): string {
  if (location === 'global' || location === '') return VERTEX_URL;
  if (MULTI_REGIONS.has(location)) return `https://aiplatform.${location}.rep.googleapis.com`;
  return `https://${toSegment(location)}-aiplatform.googleapis.com`;
}

// Not `endpoint`, which would lose the query of the base address behind the model.
function methodUrl(base: string, model: string, method: string): URL {
  const url = new URL(base);
  url.pathname += `${toSegment(model.replace(/^models\//, ''))}:${method}`;
  if (method === 'streamGenerateContent') url.searchParams.set('alt', 'sse');
  return url;
}

// Half of a surrogate pair cannot be encoded.
function toSegment(name: string): string {
  return encodeURIComponent(name.toWellFormed());
}

function byKey(apiKey: string): Authorization {
  return { headers: { 'x-goog-api-key': apiKey }, secret: apiKey };
}
