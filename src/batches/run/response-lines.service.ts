import { Injectable } from '@nestjs/common';
import type { CallContext } from '../../core/call-context.js';
import type { JsonObject } from '../../core/json.js';
import { ResponseRequests } from '../../responses/response-requests.service.js';
import { ResponsesService } from '../../responses/responses.service.js';

/** Answers lines that ask for responses. */
@Injectable()
export class ResponseLines {
  constructor(
    private readonly requests: ResponseRequests,
    private readonly responses: ResponsesService,
  ) {}

  /** The whole response, stored unless the line says no. Rejects with AppError. */
  async run(body: JsonObject, call: CallContext): Promise<JsonObject> {
    return this.responses.answer(await this.requests.read(body, call), call);
  }
}
