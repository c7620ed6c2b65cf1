import type { ChatEvent } from '../core/chat/chat-event.js';
import type { AppError } from '../core/errors/app-error.js';
import type { JsonObject } from '../core/json.js';
import { ResponseWriter } from '../dialects/openai-responses/response-writer.js';
import type { ResponseHead } from '../dialects/openai-responses/responses-request.js';
import type { NewResponse, ResponseStatus } from './store/stored-response.js';
import type { ToldResponse } from './told-response.js';

type WireEvent = JsonObject | string;

/** One response under way: its events as clients see them, and what is to be stored of it. */
export class ResponseRun {
  readonly #writer: ResponseWriter;

  constructor(
    readonly head: ResponseHead,
    private readonly told: ToldResponse,
    private readonly projectId: string,
  ) {
    this.#writer = new ResponseWriter(told.request, head);
  }

  get isStored(): boolean {
    return this.told.request.store;
  }

  /** The whole object as it stands. */
  get response(): JsonObject {
    return this.#writer.response;
  }

  start(): readonly WireEvent[] {
    return this.#writer.start();
  }

  add(event: ChatEvent): readonly WireEvent[] {
    return this.#writer.add(event);
  }

  finish(): readonly WireEvent[] {
    return this.#writer.finish();
  }

  fail(error: AppError): readonly WireEvent[] {
    return this.#writer.fail(error);
  }

  cancel(): void {
    this.#writer.cancel();
  }

  /** What of it is to be stored now. */
  toStored(): NewResponse {
    const { request, input } = this.told;
    return {
      id: this.head.id,
      projectId: this.projectId,
      previousId: request.previousResponseId ?? null,
      conversationId: request.conversationId ?? null,
      status: this.status,
      body: this.body,
      input,
      output: this.output,
    };
  }

  get status(): ResponseStatus {
    return this.response.status as ResponseStatus;
  }

  /** The object without its items. */
  get body(): JsonObject {
    return { ...this.response, output: [] };
  }

  get output(): readonly JsonObject[] {
    return this.#writer.output;
  }
}
