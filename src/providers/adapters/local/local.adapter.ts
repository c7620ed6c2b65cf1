import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ChatEvent } from '../../../core/chat/chat-event.js';
import type { ChatRequest } from '../../../core/chat/chat-request.js';
import { tokenUsage } from '../../../core/chat/token-usage.js';
import type { EmbeddingRequest, EmbeddingResult } from '../../../core/embedding/embedding-request.js';
import { countChatTokens, countTokens } from '../../../tokens/count-tokens.js';
import type { AttemptContext, ProviderAdapter } from '../../provider-adapter.js';
import { ProviderError } from '../../provider-error.js';
import { answerExtractively } from './answer-extractively.js';
import { embedLexically, LEXICAL_DIMENSIONS } from './embed-lexically.js';

// How long embedding may go on before others get their turn.
const SLICE_MS = 15;

/** The chat model that quotes instead of generating. */
export const EXTRACTIVE_MODEL = 'extractive';
/** The embedding model of words and character n-grams. */
export const LEXICAL_MODEL = 'lexical-384';

/** The built-in provider: no network, no key, no cost; the same answer to the same request, always. */
export class LocalAdapter implements ProviderAdapter {
  refusalOf({ responseFormat }: ChatRequest): { message: string; param: string } | null {
    if (!responseFormat || responseFormat.type === 'text') return null;
    const message = 'local/extractive quotes texts and cannot answer in JSON. Name a model that can.';
    return { message, param: 'response_format' };
  }

  async *chat(model: string, request: ChatRequest, attempt: AttemptContext): AsyncIterable<ChatEvent> {
    // The work begins with the first `next()`, and never in the caller's own turn.
    await Promise.resolve();
    if (model !== EXTRACTIVE_MODEL) throw modelNotFound(model);
    warnOfIgnored(request, attempt);
    const { text, isCut } = limitTokens(answerExtractively(request), request.maxOutputTokens);
    const choices = request.choices ?? 1;
    yield { type: 'response-start', id: `chatcmpl-${attempt.callId}`, model };
    for (let choice = 0; choice < choices; choice += 1) {
      for (const piece of splitForStream(text)) {
        if (attempt.signal.aborted)
          throw new ProviderError('aborted', 'The answer was cancelled.', { cause: attempt.signal.reason });
        yield { type: 'text-delta', choice, text: piece };
      }
      yield { type: 'finish', choice, finishReason: isCut ? 'length' : 'stop' };
    }
    yield {
      type: 'usage',
      usage: tokenUsage({ input: countChatTokens(request), output: countTokens(text) * choices }),
    };
  }

  async embed(model: string, request: EmbeddingRequest): Promise<EmbeddingResult> {
    await Promise.resolve();
    return embedAll(model, request);
  }
}

async function embedAll(model: string, request: EmbeddingRequest): Promise<EmbeddingResult> {
  if (model !== LEXICAL_MODEL) throw modelNotFound(model);
  if (request.dimensions !== undefined && request.dimensions !== LEXICAL_DIMENSIONS) {
    const message = `${LEXICAL_MODEL} has ${String(LEXICAL_DIMENSIONS)} dimensions and cannot give another number.`;
    throw new ProviderError('invalid-request', message, { status: 400, param: 'dimensions' });
  }
  const texts = request.inputs.map((input) => {
    if (typeof input === 'string') return input;
    throw new ProviderError('invalid-request', `${LEXICAL_MODEL} takes texts, not token numbers.`, {
      status: 400,
      param: 'input',
    });
  });
  const vectors: Float32Array[] = [];
  let input = 0;
  let turnEnds = performance.now() + SLICE_MS;
  for (const text of texts) {
    vectors.push(embedLexically(text, request.termWeights));
    input += countTokens(text);
    if (performance.now() < turnEnds) continue;
    await nextTurn();
    turnEnds = performance.now() + SLICE_MS;
  }
  return { model, vectors, usage: tokenUsage({ input }), warnings: [] };
}

function modelNotFound(model: string): ProviderError {
  const known = `${EXTRACTIVE_MODEL} (chat) and ${LEXICAL_MODEL} (embeddings)`;
  return new ProviderError('model-not-found', `The local provider has no such model: ${model}. It has ${known}.`, {
    status: 404,
  });
}

// How a model draws, thinks and whom it serves says nothing to one that draws and thinks nothing: no warning for that.
function warnOfIgnored(request: ChatRequest, attempt: AttemptContext): void {
  const { messages, stop = [], logprobs, logitBias, extraParameters = [] } = request;
  if (
    messages.some(({ content }) => content.some(({ type }) => type === 'image' || type === 'audio' || type === 'file'))
  )
    attempt.warn('local/extractive reads texts; images, files and sounds were ignored.');
  const ignored = [
    ...(stop.length > 0 ? ['stop'] : []),
    ...(logprobs === true ? ['logprobs'] : []),
    ...(logitBias ? ['logit_bias'] : []),
    ...extraParameters,
  ];
  for (const name of ignored) attempt.warn(`The parameter \`${name}\` was ignored: local/extractive has none like it.`);
  if (request.tools !== undefined && request.tools.length > 0)
    attempt.warn('local/extractive cannot call tools; they were ignored.');
}

function limitTokens(text: string, limit: number | undefined): { text: string; isCut: boolean } {
  if (limit === undefined || countTokens(text) <= limit) return { text, isCut: false };
  let kept = '';
  for (const piece of splitForStream(text)) {
    if (countTokens(kept + piece) > limit) break;
    kept += piece;
  }
  return { text: kept, isCut: true };
}

// Word by word; scripts without spaces go out in short runs, never through a surrogate pair.
function splitForStream(text: string): string[] {
  return text.match(/\S{1,24}\s*|\s+/gu) ?? [];
}
