import type { ChatEvent } from '../../../core/chat/chat-event.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../core/json.js';
import type { AttemptContext } from '../../provider-adapter.js';
import { ProviderError } from '../../provider-error.js';
import { toProviderError } from '../../transport/upstream-failure.js';
import { CandidateReader } from './candidate-reader.js';
import { mapUsage } from './map-usage.js';
import { readFailureFrame } from './read-failure.js';

/** What reading an answer needs of its attempt. */
export type ReadingAttempt = Pick<AttemptContext, 'implausibleUsage' | 'mayBeEmpty' | 'warn'>;

/**
 * Reads the responses that make up an answer: one when it is unstreamed, as many as come when it is streamed. Throws what a
 * response says that is an error.
 */
export class AnswerReader {
  readonly #attempt: ReadingAttempt;
  readonly #credential: string | null;
  readonly #isStream: boolean;
  readonly #candidates = new Map<number, CandidateReader>();
  #blockReason: string | null = null;
  #hasResponses = false;
  #hasStarted = false;
  #usage: JsonValue | undefined;

  constructor(attempt: ReadingAttempt, credential: string | null, isStream: boolean) {
    this.#attempt = attempt;
    this.#credential = credential;
    this.#isStream = isStream;
  }

  read(response: JsonObject): ChatEvent[] {
    const { error, candidates, promptFeedback } = response;
    if ((error ?? null) !== null) {
      if (this.#isWhole) return [];
      throw toProviderError(readFailureFrame(response), this.#credential);
    }
    this.#hasResponses = true;
    // Every count stands for all of the answer so far: the last one is the bill.
    if (response.usageMetadata !== undefined) this.#usage = response.usageMetadata;
    const events: ChatEvent[] = [];
    if (Array.isArray(candidates) && candidates.length > 0) this.#readCandidates(response, candidates, events);
    else if (isJsonObject(promptFeedback)) this.#readFeedback(response, promptFeedback, events);
    return events;
  }

  /** The rest of the answer, once no response will come: `malformed` or `interrupted` when it is not whole. */
  end(): ChatEvent[] {
    if (!this.#hasStarted) throw new ProviderError('malformed', "The provider's answer holds no candidates.");
    if (!this.#isWhole) {
      if (!this.#isStream) throw new ProviderError('malformed', "The provider's answer is not finished.");
      throw new ProviderError('interrupted', "The provider's stream ended before the answer was finished.");
    }
    const empty = [...this.#candidates.values()].filter((candidate) => candidate.isEmpty);
    if (empty.length > 0 && empty.length === this.#candidates.size && this.#attempt.mayBeEmpty !== true) {
      throw new ProviderError('malformed', "The provider's answer holds no content.");
    }
    const events = empty.map((candidate) => candidate.finish());
    const usage = mapUsage(this.#usage);
    if (usage) events.push({ type: 'usage', usage });
    else if (isJsonObject(this.#usage)) this.#attempt.implausibleUsage();
    return events;
  }

  /** True when at least one response was read, whatever was in it. */
  get hasResponses(): boolean {
    return this.#hasResponses;
  }

  get #isWhole(): boolean {
    if (this.#blockReason !== null) return true;
    return this.#candidates.size > 0 && [...this.#candidates.values()].every((candidate) => candidate.isFinished);
  }

  #readCandidates(response: JsonObject, candidates: readonly JsonValue[], events: ChatEvent[]): void {
    this.#start(response, events);
    for (const [position, value] of candidates.entries()) {
      if (!isJsonObject(value)) continue;
      const candidate = this.#candidate(typeof value.index === 'number' ? value.index : position);
      for (const event of candidate.read(value)) events.push(event);
    }
  }

  // The prompt was blocked, at once or after a while: there will be no candidates, or no more of them.
  #readFeedback(response: JsonObject, { blockReason }: JsonObject, events: ChatEvent[]): void {
    if (typeof blockReason !== 'string' || blockReason === '' || this.#blockReason !== null) return;
    this.#blockReason = blockReason;
    this.#start(response, events);
    for (const candidate of this.#candidates.values()) events.push(...candidate.block(blockReason));
    if (this.#candidates.size > 0) return;
    events.push({ type: 'finish', choice: 0, finishReason: 'content-filter', rawFinishReason: blockReason });
  }

  #start({ responseId, modelVersion, usageMetadata }: JsonObject, events: ChatEvent[]): void {
    if (this.#hasStarted) return;
    this.#hasStarted = true;
    events.push({
      type: 'response-start',
      id: typeof responseId === 'string' ? responseId : '',
      model: typeof modelVersion === 'string' ? modelVersion : '',
    });
    // What the prompt was is for the bill of a stream that breaks.
    const usage = this.#isStream ? mapUsage(usageMetadata) : null;
    if (usage) {
      const prompt = { ...usage, output: 0, reasoning: 0, audioOutput: 0, estimated: true };
      events.push({ type: 'usage', usage: prompt });
    }
  }

  #candidate(index: number): CandidateReader {
    let candidate = this.#candidates.get(index);
    if (!candidate) {
      candidate = new CandidateReader(index, (message) => {
        this.#attempt.warn(message);
      });
      this.#candidates.set(index, candidate);
    }
    return candidate;
  }
}
