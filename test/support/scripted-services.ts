import type { CallContext } from '../../src/core/call-context.js';
import type { ChatEvent } from '../../src/core/chat/chat-event.js';
import type { ChatRequest } from '../../src/core/chat/chat-request.js';
import { tokenUsage } from '../../src/core/chat/token-usage.js';
import type { EmbeddingRequest, EmbeddingResult } from '../../src/core/embedding/embedding-request.js';
import { AppError } from '../../src/core/errors/app-error.js';
import type { ModelInfo, ResolvedModel } from '../../src/providers/model-info.js';

/** Answers as the requested model's name tells it to: `refuses`, `hangs`, `breaks`; any other says Hello. */
export class ScriptedChat {
  /** How many calls were aborted. */
  aborted = 0;
  /** How many calls hang at present. */
  hanging = 0;

  async answer(request: ChatRequest, call: CallContext): Promise<AsyncIterable<ChatEvent>> {
    call.signal.addEventListener('abort', () => {
      this.aborted++;
    });
    if (request.model === 'refuses') throw new AppError('upstream_unreachable', 'Nobody is there.');
    if (request.model === 'hangs') await this.#untilAborted(call);
    call.answeredBy = { provider: 'lab', model: 'llama\u00e9' };
    call.warnings.push('caf\u00e9 was lost');
    return this.#events(request, call);
  }

  #untilAborted(call: CallContext): Promise<never> {
    this.hanging++;
    return new Promise((_resolve, reject) => {
      call.signal.addEventListener('abort', () => {
        this.hanging--;
        const reason = call.signal.reason as Error;
        reject(reason);
      });
    });
  }

  async *#events(request: ChatRequest, call: CallContext): AsyncIterable<ChatEvent> {
    yield { type: 'response-start', id: 'x', model: 'llama', createdAt: 1 };
    yield { type: 'text-delta', choice: 0, text: 'Hello' };
    if (request.model === 'breaks') throw new AppError('upstream_stream_interrupted', 'Cut.');
    yield { type: 'finish', choice: 0, finishReason: 'stop' };
    yield { type: 'usage', usage: tokenUsage({ input: 1, output: 1 }) };
    call.costUsd = '0.0000030000';
  }
}

/** An embeddings service whose vectors are all the same. */
export const SCRIPTED_EMBEDDINGS = {
  embed: (request: EmbeddingRequest): Promise<EmbeddingResult> =>
    Promise.resolve({
      model: 'vectors',
      vectors: request.inputs.map(() => Float32Array.of(1, 0)),
      usage: tokenUsage({ input: 2 }),
      warnings: [],
    }),
};

/** A registry that knows the models of `lab/`, whatever they are called. */
export const SCRIPTED_REGISTRY = {
  models: (): ModelInfo[] => [],
  resolve: (name: string): ResolvedModel => {
    if (!name.startsWith('lab/')) throw new AppError('model_not_found', 'There is no such model.', { param: 'model' });
    return { name, targets: [{ provider: 'lab', providerType: 'openai-compatible', model: name.slice(4) }] };
  },
};
