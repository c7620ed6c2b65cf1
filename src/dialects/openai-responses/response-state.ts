import type { ChatEvent, FinishReason } from '../../core/chat/chat-event.js';
import type { AppError } from '../../core/errors/app-error.js';
import type { JsonObject, JsonValue } from '../../core/json.js';
import { echoRequest } from './echo-request.js';
import { mendResponseUsage, renderResponseUsage } from './render-usage.js';
import type { ResponseHead, ResponsesRequest } from './responses-request.js';

type Status = 'queued' | 'in_progress' | 'completed' | 'incomplete' | 'failed' | 'cancelled';

// The gateway keeps the responses, knows what it was asked, and says how they end.
const OWNED: ReadonlySet<string> = new Set([
  ...[
    'id',
    'object',
    'created_at',
    'completed_at',
    'status',
    'error',
    'incomplete_details',
    'output',
    'usage',
    'model',
  ],
  ...[
    'background',
    'conversation',
    'instructions',
    'metadata',
    'previous_response_id',
    'store',
    'prompt',
    'output_text',
  ],
]);
// A server that says nothing of them says null.
const NEVER_NULL: ReadonlySet<string> = new Set(['metadata', 'parallel_tool_calls', 'text', 'tool_choice', 'tools']);
const INCOMPLETE: Readonly<Partial<Record<FinishReason, string>>> = {
  length: 'max_output_tokens',
  'content-filter': 'content_filter',
};

/** Everything of a response but its items. */
export class ResponseState {
  status: Status;
  readonly #head: ResponseHead;
  readonly #echo: JsonObject;
  #model: string;
  #finishReason: FinishReason | null = null;
  #usage: JsonObject | null = null;
  #error: JsonObject | null = null;
  #incomplete: JsonValue | null = null;
  #completedAt: number | null = null;
  /** What a provider of this dialect says of the answer. */
  #upstream: JsonObject = {};

  constructor(request: ResponsesRequest, head: ResponseHead) {
    this.#head = head;
    this.#echo = echoRequest(request);
    this.#model = request.chat.model;
    this.status = request.isBackground ? 'queued' : 'in_progress';
  }

  note(event: ChatEvent): void {
    if (event.type === 'response-start') {
      if (event.model !== '') this.#model = event.model;
    } else if (event.type === 'usage') this.#usage = renderResponseUsage(event.usage);
    else if (event.type === 'finish' && event.choice === 0) this.#finishReason = event.finishReason;
  }

  /** Takes over what a provider of this dialect says of its response. */
  adopt(response: JsonObject): void {
    this.#upstream = Object.fromEntries(
      Object.entries(response).filter(([key, value]) => !OWNED.has(key) && !(value === null && NEVER_NULL.has(key))),
    );
    // For a reason that has no other name here, too.
    if (response.status === 'incomplete') this.#incomplete = response.incomplete_details ?? {};
  }

  /** As `adopt`, of a provider's usage: all of its details, where it counted itself. */
  adoptUsage(usage: JsonValue | undefined): void {
    const mended = mendResponseUsage(usage);
    if (mended) this.#usage = mended;
  }

  complete(): void {
    const reason = this.#finishReason === null ? undefined : INCOMPLETE[this.#finishReason];
    if (reason !== undefined) this.#incomplete = { reason };
    this.status = this.#incomplete === null ? 'completed' : 'incomplete';
    if (this.#incomplete === null) this.#completedAt = Math.max(this.#head.createdAt, Math.floor(Date.now() / 1000));
  }

  fail({ category, code, message }: AppError): void {
    this.status = 'failed';
    this.#incomplete = null;
    // The schema's list of codes is closed; ours stands in the message.
    const known = category === 'rate-limit' ? 'rate_limit_exceeded' : 'server_error';
    this.#error = { code: known, message: `${code}: ${message}` };
  }

  toJson(output: JsonObject[]): JsonObject {
    return {
      id: this.#head.id,
      object: 'response',
      created_at: this.#head.createdAt,
      status: this.status,
      completed_at: this.#completedAt,
      error: this.#error,
      incomplete_details: this.#incomplete,
      model: this.#model,
      output,
      ...this.#echo,
      ...this.#upstream,
      ...(this.#usage && { usage: this.#usage }),
    };
  }
}
