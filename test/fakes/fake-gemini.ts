import { isJsonObject, type JsonObject } from '../../src/core/json.js';
import type { Behaviour } from './behaviour.js';
import { BehaviourScript } from './behaviour-script.js';
import { checkContents, partsOf } from './gemini/check-contents.js';
import { geminiErrorBody, geminiFailure, googleError, invalidKey } from './gemini/gemini-errors.js';
import { type GeminiRoute, geminiRoute } from './gemini/gemini-routes.js';
import { renderBatchEmbeddings, renderEmbedding, renderPredictions } from './gemini/render-embeddings.js';
import { renderResponse, renderResponses } from './gemini/render-response.js';
import { ScriptedProvider } from './scripted-provider.js';
import { completeReply, contentText, fakeTokens, type ScriptedReply } from './scripted-reply.js';
import type { ServedRequest } from './served-request.js';
import type { Vendor, VendorAnswer } from './vendor.js';

const MODELS = ['gemini-2.5-flash', 'gemini-3-pro-preview', 'gemini-embedding-001'];
const TOKEN_ROUTE = 'POST /token';
const TOKEN_SECONDS = 3600;

/**
 * A stand-in for Google: the Gemini API, Vertex AI, and the OAuth endpoint that gives out tokens for it. Behaviours are for
 * models; those of the OAuth endpoint are scripted in `tokens`.
 */
export class FakeGemini extends ScriptedProvider {
  readonly tokens: TokenScript;

  constructor() {
    const vendor = geminiVendor();
    super(vendor);
    this.tokens = new TokenScript(vendor);
  }

  /** What the credentials file of an account must name as its `token_uri`. */
  get tokenUrl(): string {
    return `${this.origin}/token`;
  }

  /** The requests for tokens so far. */
  get tokenRequests(): ServedRequest[] {
    return this.requests.filter(isForToken);
  }

  /** The requests to models so far. */
  get modelRequests(): ServedRequest[] {
    return this.requests.filter((request) => !isForToken(request));
  }

  override reset(): void {
    super.reset();
    this.tokens.reset();
  }

  protected override takeBehaviour(): Behaviour {
    const request = this.requests.at(-1);
    return request && isForToken(request) ? this.tokens.next() : super.takeBehaviour();
  }
}

/** The behaviours of the OAuth endpoint. */
class TokenScript extends BehaviourScript {
  next(): Behaviour {
    return this.takeBehaviour();
  }

  reset(): void {
    this.clearBehaviours();
  }
}

function isForToken(request: ServedRequest): boolean {
  return request.route === TOKEN_ROUTE;
}

function geminiVendor(): Vendor {
  let sequence = 0;
  return {
    basePath: '',
    idHeader: 'x-request-id',
    errorBody: geminiErrorBody,
    failure: geminiFailure,
    errorFrame: () => ({ kind: 'other', data: JSON.stringify(geminiFailure('overloaded').body) }),
    usageOf: (body) => (isJsonObject(body.usageMetadata) ? usageUnderItsCommonName(body) : null),
    answer(request, reply) {
      sequence += 1;
      if (isForToken(request)) return giveToken(request, sequence);
      if (request.route === 'GET /v1beta/models') return { status: 200, body: modelList() };
      const route = geminiRoute(request.route);
      if (!route) return errorAnswer(404, request);
      return refuse(request, route) ?? answerModel(request, route, reply, sequence);
    },
  };
}

function giveToken(request: ServedRequest, sequence: number): VendorAnswer {
  const asked = new URLSearchParams(request.bodyText);
  if (!asked.has('assertion') && !asked.has('refresh_token')) {
    return { status: 400, body: { error: 'invalid_request', error_description: 'Nothing to give a token for.' } };
  }
  const body = { access_token: `ya29.fake-${String(sequence)}`, expires_in: TOKEN_SECONDS, token_type: 'Bearer' };
  return { status: 200, body };
}

function refuse({ headers, path }: ServedRequest, { proof }: GeminiRoute): VendorAnswer | null {
  if (path.includes('key=')) return { status: 400, body: invalidKey('in the address') };
  if (proof === 'token') {
    const isKnown = headers.authorization?.startsWith('Bearer ya29.fake-') === true;
    return isKnown ? null : { status: 401, body: googleError(401, 'Request is missing an authentication credential.') };
  }
  const key = headers['x-goog-api-key'];
  if (key === undefined) return { status: 403, body: googleError(403, 'Unregistered callers are not allowed.') };
  return key === 'invalid' ? { status: 400, body: invalidKey('invalid') } : null;
}

function answerModel(
  request: ServedRequest,
  route: GeminiRoute,
  script: ScriptedReply,
  sequence: number,
): VendorAnswer {
  const { body } = request;
  switch (route.method) {
    case 'generateContent':
    case 'streamGenerateContent':
      return answerChat(request, route, script, sequence);
    case 'countTokens':
      return { status: 200, body: { totalTokens: fakeTokens(promptOf(body).text).length } };
    case 'batchEmbedContents':
      return { status: 200, body: renderBatchEmbeddings(body) };
    case 'embedContent':
      return { status: 200, body: renderEmbedding(body) };
    case 'predict':
      return { status: 200, body: renderPredictions(body) };
    default:
      return errorAnswer(404, request);
  }
}

function answerChat(
  request: ServedRequest,
  { model, method }: GeminiRoute,
  script: ScriptedReply,
  sequence: number,
): VendorAnswer {
  const { body } = request;
  const complaint = checkContents(model, body.contents);
  if (complaint !== null) return { status: 400, body: googleError(400, complaint) };
  const config = isJsonObject(body.generationConfig) ? body.generationConfig : {};
  const limit = typeof config.maxOutputTokens === 'number' ? config.maxOutputTokens : undefined;
  const reply = completeReply(script, { ...promptOf(body), limit });
  const choices = typeof config.candidateCount === 'number' ? config.candidateCount : 1;
  const envelope = { responseId: reply.id ?? `fake${String(sequence)}`, modelVersion: reply.model ?? model };
  if (method === 'generateContent') return { status: 200, body: renderResponse(reply, envelope, choices) };
  return { frames: renderResponses(reply, envelope, choices) };
}

function promptOf(body: JsonObject): { text: string; last: string } {
  const turns = Array.isArray(body.contents) ? body.contents.filter(isJsonObject) : [];
  const system = isJsonObject(body.systemInstruction) ? partsOf(body.systemInstruction) : [];
  const texts = [contentText(system), ...turns.map((turn) => contentText(partsOf(turn)))];
  const last = turns.findLast((turn) => turn.role === 'user');
  return { text: texts.filter((text) => text !== '').join(' '), last: contentText(last ? partsOf(last) : []) };
}

// Scripts spoil the `usage` of a body, which Gemini calls by another name.
function usageUnderItsCommonName(body: Record<string, unknown>): Record<string, unknown> {
  return {
    get usage() {
      return body.usageMetadata;
    },
    set usage(usage: unknown) {
      body.usageMetadata = usage;
    },
  };
}

function errorAnswer(status: number, request: ServedRequest): VendorAnswer {
  return { status, body: geminiErrorBody(status, request) };
}

function modelList(): JsonObject {
  return { models: MODELS.map((id) => ({ name: `models/${id}`, displayName: id })) };
}
