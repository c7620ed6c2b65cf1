import { isJsonObject, type JsonObject, type JsonValue } from '../../src/core/json.js';
import { azureContentFilterBody, readAzureCall, refuseAzureCall, withContentFilter } from './openai/azure-routes.js';
import { openAiErrorBody, openAiFailure } from './openai/openai-errors.js';
import { renderChunks, renderCompletion } from './openai/render-chat.js';
import { renderEmbeddings } from './openai/render-embeddings.js';
import { renderResponse, renderResponseEvents } from './openai/render-response.js';
import { promptsOf, renderTextChunks, renderTextCompletion } from './openai/render-text-completion.js';
import { ScriptedProvider } from './scripted-provider.js';
import { completeReply, contentText, type ScriptedReply } from './scripted-reply.js';
import type { Frame } from './frame.js';
import type { ServedRequest } from './served-request.js';
import type { Vendor, VendorAnswer } from './vendor.js';

const MODELS = ['gpt-4o', 'gpt-4o-mini', 'text-embedding-3-small', 'text-embedding-3-large'];

export interface FakeOpenAiOptions {
  /** False for a server that asks for no key, like most in a laboratory. */
  requiresKey?: boolean;
  /** The deployments of an Azure resource, in whose addresses and words everything is then said. */
  azureDeployments?: readonly string[];
}

/** A stand-in for OpenAI and for everything that speaks like it: chat, responses, completions, embeddings, models. */
export class FakeOpenAi extends ScriptedProvider {
  constructor(options: FakeOpenAiOptions = {}) {
    const { requiresKey = true, azureDeployments } = options;
    super(azureDeployments ? azureVendor(azureDeployments) : openAiVendor(requiresKey));
  }
}

function openAiVendor(requiresKey: boolean): Vendor {
  let sequence = 0;
  return {
    basePath: '/v1',
    idHeader: 'x-request-id',
    errorBody: openAiErrorBody,
    failure: openAiFailure,
    errorFrame: (request) => (isForResponses(request) ? responsesErrorFrame() : chatErrorFrame()),
    usageOf: (body) => [body, body.response].filter(isJsonObject).find((each) => isJsonObject(each.usage)) ?? null,
    answer(request, reply) {
      if (requiresKey && request.headers.authorization === undefined) return errorAnswer(401, request);
      sequence += 1;
      return answerRoute(request.route, request, reply, sequence);
    },
  };
}

function azureVendor(deployments: readonly string[]): Vendor {
  let sequence = 0;
  return {
    ...openAiVendor(false),
    basePath: '',
    idHeader: 'apim-request-id',
    failure: (kind) =>
      kind === 'content-filter' ? { status: 400, body: azureContentFilterBody() } : openAiFailure(kind),
    answer(request, reply) {
      const call = readAzureCall(request);
      const refusal = refuseAzureCall(request, call, deployments);
      if (refusal) return refusal;
      sequence += 1;
      const answer = answerRoute(call?.route ?? '', request, reply, sequence);
      return isForResponses(request) ? answer : withContentFilter(answer);
    },
  };
}

function isForResponses({ route }: ServedRequest): boolean {
  return route.endsWith('/responses');
}

function chatErrorFrame(): Frame {
  return { kind: 'other', data: JSON.stringify(openAiFailure('overloaded').body) };
}

function responsesErrorFrame(): Frame {
  const message = 'The engine is currently overloaded.';
  const error = { type: 'error', code: 'overloaded', message, param: null, sequence_number: 0 };
  return { kind: 'other', event: 'error', data: JSON.stringify(error) };
}

function answerRoute(route: string, request: ServedRequest, reply: ScriptedReply, sequence: number): VendorAnswer {
  switch (route) {
    case 'POST /v1/chat/completions':
      return answerChat(request, reply, sequence);
    case 'POST /v1/responses':
      return answerResponse(request, reply, sequence);
    case 'POST /v1/completions':
      return answerCompletion(request, reply, sequence);
    case 'POST /v1/embeddings':
      if (request.body.input === undefined) return errorAnswer(400, request);
      return { status: 200, body: renderEmbeddings(request.body, reply.usage?.input) };
    case 'GET /v1/models':
      return { status: 200, body: { object: 'list', data: MODELS.map(modelObject) } };
    default:
      return errorAnswer(404, request);
  }
}

function answerChat(request: ServedRequest, script: ScriptedReply, sequence: number): VendorAnswer {
  const { body } = request;
  if (typeof body.model !== 'string' || !Array.isArray(body.messages)) return errorAnswer(400, request);
  const messages = body.messages.filter(isJsonObject);
  const texts = messages.map((message) => contentText(message.content));
  const last = messages.findLast((message) => message.role === 'user');
  const limit = body.max_completion_tokens ?? body.max_tokens;
  const reply = completeReply(script, {
    text: texts.join(' '),
    last: contentText(last?.content),
    limit: typeof limit === 'number' ? limit : undefined,
  });
  const envelope = {
    id: reply.id ?? `chatcmpl-fake${String(sequence)}`,
    created: Math.floor(Date.now() / 1000),
    model: reply.model ?? body.model,
  };
  const choices = typeof body.n === 'number' ? body.n : 1;
  if (body.stream !== true) return { status: 200, body: renderCompletion(reply, envelope, choices) };
  return { frames: renderChunks(reply, envelope, { choices, includeUsage: wantsUsage(body.stream_options) }) };
}

function answerResponse(request: ServedRequest, script: ScriptedReply, sequence: number): VendorAnswer {
  const { body } = request;
  const { model, input, instructions } = body;
  if (typeof model !== 'string' || (typeof input !== 'string' && !Array.isArray(input))) {
    return errorAnswer(400, request);
  }
  const items = typeof input === 'string' ? [{ role: 'user', content: input }] : input.filter(isJsonObject);
  const texts = [contentText(instructions), ...items.map((item) => contentText(item.content ?? item.output))];
  const last = items.findLast((item) => item.role === 'user');
  const limit = body.max_output_tokens;
  const reply = completeReply(script, {
    text: texts.filter((text) => text !== '').join(' '),
    last: contentText(last?.content),
    limit: typeof limit === 'number' ? limit : undefined,
  });
  const envelope = {
    id: reply.id ?? `resp_fake${String(sequence)}`,
    createdAt: Math.floor(Date.now() / 1000),
    model: reply.model ?? model,
  };
  if (body.stream !== true) return { status: 200, body: renderResponse(reply, envelope, body) };
  return { frames: renderResponseEvents(reply, envelope, body) };
}

function answerCompletion(request: ServedRequest, script: ScriptedReply, sequence: number): VendorAnswer {
  const { body } = request;
  if (typeof body.model !== 'string') return errorAnswer(400, request);
  const prompts = promptsOf(body.prompt);
  const reply = completeReply(script, {
    text: prompts.join(' '),
    last: prompts.at(-1) ?? '',
    limit: typeof body.max_tokens === 'number' ? body.max_tokens : undefined,
  });
  const envelope = {
    id: reply.id ?? `cmpl-fake${String(sequence)}`,
    created: Math.floor(Date.now() / 1000),
    model: reply.model ?? body.model,
  };
  if (body.stream !== true) return { status: 200, body: renderTextCompletion(reply, envelope, body) };
  return { frames: renderTextChunks(reply, envelope, body) };
}

function wantsUsage(options: JsonValue | undefined): boolean {
  return isJsonObject(options) && options.include_usage === true;
}

function errorAnswer(status: number, request: ServedRequest): VendorAnswer {
  return { status, body: openAiErrorBody(status, request) };
}

function modelObject(id: string): JsonObject {
  return { id, object: 'model', created: 1_715_367_049, owned_by: 'system' };
}
