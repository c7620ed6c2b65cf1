import { isJsonObject, type JsonObject } from '../../src/core/json.js';
import { anthropicErrorBody, anthropicFailure, anthropicRefusal } from './anthropic/anthropic-errors.js';
import { checkRequest } from './anthropic/check-request.js';
import { renderEvents, renderMessage } from './anthropic/render-message.js';
import { ScriptedProvider } from './scripted-provider.js';
import { completeReply, contentText, fakeTokens, type ScriptedReply } from './scripted-reply.js';
import type { ServedRequest } from './served-request.js';
import type { Vendor, VendorAnswer } from './vendor.js';

const MODELS = ['claude-sonnet-5', 'claude-haiku-4-5'];

/** A stand-in for Anthropic: messages, count_tokens, models. It refuses what the API refuses, in its words. */
export class FakeAnthropic extends ScriptedProvider {
  /** With `combinesTurns` it takes turns of one role in a row, as the API does. */
  constructor({ combinesTurns = false } = {}) {
    super(anthropicVendor(combinesTurns));
  }
}

function anthropicVendor(combinesTurns: boolean): Vendor {
  let sequence = 0;
  return {
    basePath: '',
    idHeader: 'request-id',
    errorBody: anthropicErrorBody,
    failure: anthropicFailure,
    errorFrame: () => {
      const { body } = anthropicFailure('overloaded');
      return { kind: 'other', event: 'error', data: JSON.stringify({ type: 'error', error: body.error }) };
    },
    usageOf: (body) => {
      if (isJsonObject(body.usage)) return body;
      return isJsonObject(body.message) && isJsonObject(body.message.usage) ? body.message : null;
    },
    answer(request, reply) {
      const { headers } = request;
      if (headers['x-api-key'] === undefined && headers.authorization === undefined) return errorAnswer(401, request);
      if (headers['anthropic-version'] === undefined) return errorAnswer(400, request);
      sequence += 1;
      switch (request.route) {
        case 'POST /v1/messages':
          return answerMessages(request, reply, { sequence, combinesTurns });
        case 'POST /v1/messages/count_tokens':
          return { status: 200, body: { input_tokens: fakeTokens(promptOf(request.body).text).length } };
        case 'GET /v1/models':
          return { status: 200, body: modelList() };
        default:
          return errorAnswer(404, request);
      }
    },
  };
}

function answerMessages(
  request: ServedRequest,
  script: ScriptedReply,
  { sequence, combinesTurns }: { sequence: number; combinesTurns: boolean },
): VendorAnswer {
  const { body } = request;
  const problem = checkRequest(body, String(request.headers['anthropic-beta'] ?? ''), combinesTurns);
  if (problem !== null) return { status: 400, body: anthropicRefusal(problem) };
  const reply = completeReply(script, { ...promptOf(body), limit: body.max_tokens as number });
  const head = { id: reply.id ?? `msg_fake${String(sequence)}`, model: reply.model ?? (body.model as string) };
  if (body.stream === true) return { frames: renderEvents(reply, head) };
  return { status: 200, body: renderMessage(reply, head) };
}

function promptOf(body: JsonObject): { text: string; last: string } {
  const messages = Array.isArray(body.messages) ? body.messages.filter(isJsonObject) : [];
  const texts = [contentText(body.system), ...messages.map((message) => contentText(message.content))];
  const last = messages.findLast((message) => message.role === 'user');
  return { text: texts.filter((text) => text !== '').join(' '), last: contentText(last?.content) };
}

function errorAnswer(status: number, request: ServedRequest): VendorAnswer {
  return { status, body: anthropicErrorBody(status, request) };
}

function modelList(): JsonObject {
  return {
    data: MODELS.map((id) => ({ type: 'model', id, display_name: id, created_at: '2025-09-29T00:00:00Z' })),
    has_more: false,
    first_id: MODELS.at(0),
    last_id: MODELS.at(-1),
  };
}
