import { Injectable } from '@nestjs/common';
import type { CallContext } from '../core/call-context.js';
import { AppError } from '../core/errors/app-error.js';
import type { JsonObject } from '../core/json.js';
import { parseResponsesRequest } from '../dialects/openai-responses/parse-responses-request.js';
import { referenceOf } from '../dialects/openai-responses/parse-item.js';
import { withEarlierItems } from '../dialects/openai-responses/with-earlier-items.js';
import { EarlierItems } from './earlier-items.service.js';
import { HistoryRoom, MOST_TOLD_BYTES } from './history-room.service.js';
import { ResponseStore } from './store/response-store.js';
import type { ToldResponse } from './told-response.js';

const NOTHING: ReadonlyMap<string, JsonObject> = new Map();

/** Reads requests for responses, with what they refer to. */
@Injectable()
export class ResponseRequests {
  constructor(
    private readonly earlier: EarlierItems,
    private readonly store: ResponseStore,
    private readonly room: HistoryRoom,
  ) {}

  /**
   * Rejects with InvalidRequestError, `previous_response_not_found`, `not_found` for items that nobody knows, and what
   * `EarlierItems` rejects with.
   */
  async read(body: JsonObject, call: CallContext): Promise<ToldResponse> {
    const request = parseResponsesRequest(body);
    const { previousResponseId, references } = request;
    const before = previousResponseId === undefined ? [] : await this.earlier.of(previousResponseId, call);
    const known = references.length === 0 ? NOTHING : await this.#find(references, call);
    return { request, chat: withEarlierItems(request, before, known), input: withoutReferences(request.input, known) };
  }

  // One large item may be named very often.
  async #find(references: readonly string[], call: CallContext): Promise<ReadonlyMap<string, JsonObject>> {
    const { items, bytes } = await this.store.findItems(call.principal.projectId, references, MOST_TOLD_BYTES);
    if (bytes > MOST_TOLD_BYTES) {
      const message =
        `The items that \`input\` refers to have ${String(bytes)} bytes; at most ${String(MOST_TOLD_BYTES)} are possible. ` +
        'Refer to fewer of them.';
      throw new AppError('context_length_exceeded', message, { param: 'input' });
    }
    this.room.take(bytes, call);
    return items;
  }
}

function withoutReferences(input: readonly JsonObject[], known: ReadonlyMap<string, JsonObject>): JsonObject[] {
  return input.map((item) => known.get(referenceOf(item) ?? '') ?? item);
}
