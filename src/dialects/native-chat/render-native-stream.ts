import type { ChatEvent, FinishReason } from '../../core/chat/chat-event.js';
import type { TokenUsage } from '../../core/chat/token-usage.js';
import type { AppError } from '../../core/errors/app-error.js';
import type { JsonObject } from '../../core/json.js';
import type { SseFrame } from '../../core/sse-frame.js';
import { MapIterator } from '../map-iterator.js';
import { renderOpenAiError } from '../openai-chat/render-error.js';
import {
  mergeWarnings,
  type NativeAnswerFacts,
  renderNativeUsage,
  toNativeFinishReason,
  toNumber,
} from './native-answer.js';

/**
 * The frames of `POST /v1/chat/stream`: start, then delta, reasoning, tool_call and tool_result, then done and `[DONE]`. `facts` is
 * asked again for the last frame, when the cost is known. The start frame comes with the first content.
 */
export function renderNativeStream(
  events: AsyncIterable<ChatEvent>,
  facts: () => NativeAnswerFacts,
): AsyncIterable<SseFrame> {
  const end = new AnswerEnd();
  const steps = new AnswerSteps();
  let isStarted = false;
  const start = (ready: SseFrame[]): void => {
    if (isStarted) return;
    isStarted = true;
    const { conversationId, requestId } = facts();
    ready.push(toFrame({ type: 'start', conversation_id: conversationId, request_id: requestId }));
  };
  return new MapIterator<ChatEvent, SseFrame>(
    events,
    (event, ready) => {
      end.note(event);
      const frame = steps.render(event);
      if (!frame) return;
      start(ready);
      ready.push(toFrame(frame));
    },
    (ready) => {
      start(ready);
      ready.push(toFrame(end.render(facts())), { data: '[DONE]' });
    },
  );
}

/** The frame that stands in for `done` when a stream failed; no `[DONE]` follows it. */
export function renderNativeErrorFrame(error: AppError, requestId: string): SseFrame {
  return toFrame({ type: 'error', ...renderOpenAiError(error, requestId) });
}

function toFrame(value: JsonObject): SseFrame {
  return { data: JSON.stringify(value) };
}

/** The frames of one answer's content. Only the first choice is told: native requests ask for one. */
class AnswerSteps {
  readonly #callIds = new Map<number, string>();

  render(event: ChatEvent): JsonObject | null {
    if (event.type === 'tool-result') return renderToolResult(event);
    if (!('choice' in event) || event.choice !== 0) return null;
    switch (event.type) {
      case 'text-delta':
      case 'refusal-delta':
        return event.text === '' ? null : { type: 'delta', content: event.text };
      case 'reasoning-delta':
        return event.text === '' ? null : { type: 'reasoning', content: event.text };
      case 'tool-call-start':
        this.#callIds.set(event.index, event.id);
        return { type: 'tool_call', id: event.id, index: event.index, name: event.name, arguments_delta: '' };
      case 'tool-call-delta': {
        const id = this.#callIds.get(event.index) ?? '';
        return { type: 'tool_call', id, index: event.index, arguments_delta: event.argumentsDelta };
      }
      default:
        return null;
    }
  }
}

function renderToolResult({ id, name, content, isError }: ChatEvent & { type: 'tool-result' }): JsonObject {
  return { type: 'tool_result', id, name, content, is_error: isError };
}

/** What the last frame tells about the whole answer. */
class AnswerEnd {
  readonly #warnings: string[] = [];
  #model = '';
  #finishReason: FinishReason | null = null;
  #usage: TokenUsage | null = null;

  note(event: ChatEvent): void {
    switch (event.type) {
      case 'response-start':
        this.#model = event.model;
        return;
      case 'warning':
        this.#warnings.push(event.message);
        return;
      case 'usage':
        this.#usage = event.usage;
        return;
      case 'finish':
        if (event.choice === 0) this.#finishReason = event.finishReason;
        return;
      default:
    }
  }

  render(facts: NativeAnswerFacts): JsonObject {
    const warnings = mergeWarnings(facts.warnings, this.#warnings);
    return {
      type: 'done',
      finish_reason: toNativeFinishReason(this.#finishReason),
      usage: renderNativeUsage(this.#usage),
      cost_usd: toNumber(facts.costUsd),
      model: this.#model,
      provider: facts.provider,
      latency_ms: facts.latencyMs,
      ...(warnings.length > 0 && { warnings }),
    };
  }
}
