import { Injectable } from '@nestjs/common';
import type { CallContext } from '../core/call-context.js';
import type { JsonObject } from '../core/json.js';
import { parseResponsesRequest } from '../dialects/openai-responses/parse-responses-request.js';
import { referenceOf } from '../dialects/openai-responses/parse-item.js';
import { withEarlierItems } from '../dialects/openai-responses/with-earlier-items.js';
import { EarlierItems } from './earlier-items.service.js';
import { ResponseStore } from './store/response-store.js';
import type { ToldResponse } from './told-response.js';

const NOTHING: ReadonlyMap<string, JsonObject> = new Map();

/** Reads requests for responses, with what they refer to. */
@Injectable()
export class ResponseRequests {
  constructor(
    private readonly earlier: EarlierItems,
    private readonly store: ResponseStore,
  ) {}

  /**
   * Rejects with InvalidRequestError, `previous_response_not_found`, `not_found` for items that nobody knows, and what
   * `EarlierItems` rejects with.
   */
  async read(body: JsonObject, call: CallContext): Promise<ToldResponse> {
    const request = parseResponsesRequest(body);
    const { projectId } = call.principal;
    const { previousResponseId, references } = request;
    const before = previousResponseId === undefined ? [] : await this.earlier.of(previousResponseId, projectId);
    const known = references.length === 0 ? NOTHING : await this.store.findItems(projectId, references);
    return { request, chat: withEarlierItems(request, before, known), input: withoutReferences(request.input, known) };
  }
}

function withoutReferences(input: readonly JsonObject[], known: ReadonlyMap<string, JsonObject>): JsonObject[] {
  return input.map((item) => known.get(referenceOf(item) ?? '') ?? item);
}
