import type { ChatEvent } from '../../core/chat/chat-event.js';
import type { ChatRequest } from '../../core/chat/chat-request.js';
import { AppError } from '../../core/errors/app-error.js';
import { ProviderError } from '../provider-error.js';
import type { AttemptStream } from '../resilience/attempt-stream.js';
import type { RunningAttempt } from '../resilience/running-attempt.js';
import type { Target } from '../resilience/target.js';
import { isReasoningCall } from '../routing/route-timeouts.js';
import { addedTokens, continueRequest, type Way } from './continue-request.js';
import type { Rest } from './continued-events.js';
import { Repetition } from './repetition.js';
import { Seam } from './seam.js';
import { skipSent } from './skip-sent.js';

/** Opens the stream of an attempt at a request. Rejects with ProviderErrors. */
export type OpenStream = (attempt: RunningAttempt, target: Target, request: ChatRequest) => Promise<AttemptStream>;

/** The rest of an answer, who writes it, and how they were asked. */
export interface WrittenRest {
  readonly rest: Rest;
  readonly target: Target;
  readonly way: Way;
}

const OTHER_WORDS = 'The answer began anew in other words.';

/** Has targets write the rest of one answer, each in the first way that it takes and that has not failed there. */
export class RestWriter {
  readonly #request: ChatRequest;
  readonly #instruction: string;
  readonly #open: OpenStream;
  readonly #failed = new Map<Target, Set<Way>>();

  constructor(request: ChatRequest, instruction: string, open: OpenStream) {
    this.#request = request;
    this.#instruction = instruction;
    this.#open = open;
  }

  /**
   * One attempt at what follows on `sent`. Rejects with a ProviderError that asks for another attempt at the same target
   * when there is another way to ask it.
   */
  async write(attempt: RunningAttempt, target: Target, sent: string): Promise<WrittenRest> {
    const text = sent.trimEnd();
    const way = this.#wayFor(target, text);
    const request = continueRequest(this.#request, way, { text, instruction: this.#instruction });
    attempt.mayBeEmpty = way !== 'restart';
    attempt.record.addedPromptTokens = addedTokens(way, { text, instruction: this.#instruction });
    const stream = await this.#opened(attempt, target, request, way);
    const first = way === 'restart' ? await this.#skip(attempt, stream, target, text) : null;
    return { rest: { stream, first, seam: seamOf(way, text, sent.slice(text.length)) }, target, way };
  }

  #wayFor(target: Target, text: string): Way {
    if (text === '') return 'restart';
    const failed = this.#failed.get(target);
    if (!failed?.has('prefill') && takesPrefill(target, this.#request)) return 'prefill';
    return failed?.has('restart') ? 'instruction' : 'restart';
  }

  async #opened(attempt: RunningAttempt, target: Target, request: ChatRequest, way: Way): Promise<AttemptStream> {
    try {
      return await this.#open(attempt, target, request);
    } catch (thrown) {
      if (!(thrown instanceof ProviderError) || thrown.kind !== 'invalid-request') throw thrown;
      // The request was good enough for who began the answer: this target's refusal is not the client's to see.
      const sendAgain = way === 'prefill';
      if (sendAgain) this.#note(target, way);
      throw new ProviderError(sendAgain ? 'invalid-request' : 'malformed', 'The provider refused to go on.', {
        sendAgain,
        maxRetries: 0,
        status: thrown.status,
        cause: thrown,
      });
    }
  }

  async #skip(attempt: RunningAttempt, stream: AttemptStream, target: Target, text: string): Promise<ChatEvent> {
    let first: ChatEvent | null;
    try {
      first = await skipSent(stream, text);
    } catch (thrown) {
      // Nothing of this attempt was the client's yet: its failure may still lead to another one.
      throw thrown instanceof AppError && thrown.cause instanceof ProviderError ? thrown.cause : thrown;
    }
    if (first) return first;
    this.#note(target, 'restart');
    attempt.cancel(OTHER_WORDS, { sendAgain: true });
    stream.close();
    throw new ProviderError('aborted', OTHER_WORDS);
  }

  #note(target: Target, way: Way): void {
    const failed = this.#failed.get(target) ?? new Set();
    this.#failed.set(target, failed.add(way));
  }
}

// Who thinks first does not begin in the middle of an answer.
function takesPrefill({ catalogEntry }: Target, request: ChatRequest): boolean {
  return catalogEntry?.capabilities.assistantPrefill === true && !isReasoningCall(request, catalogEntry);
}

function seamOf(way: Way, text: string, space: string): Seam {
  switch (way) {
    case 'prefill':
      return new Seam(space, Repetition.ofPrefilled(text));
    case 'restart':
      return new Seam(space, null);
    case 'instruction':
      return new Seam(space, Repetition.ofTold(text, space === ''));
  }
}
