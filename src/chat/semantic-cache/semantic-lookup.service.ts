import { Injectable, Logger } from '@nestjs/common';
import { GatewayConfig, type Wording } from '../../config/gateway-config.js';
import type { CallContext } from '../../core/call-context.js';
import { Clock } from '../../core/clock.js';
import { AppError } from '../../core/errors/app-error.js';
import { within } from '../../core/within.js';
import type { StoredAnswer } from '../response-cache/stored-answer.js';
import { askerOf, endAsker } from './asker-of.js';
import { mayShareAnswer } from './guard/may-share-answer.js';
import { readQuestion } from './guard/read-question.js';
import { Pause } from './pause.js';
import { QuestionEmbedder } from './question-embedder.service.js';
import type { AskedQuestion } from './semantic-entry.js';
import { type Neighbour, SemanticStore } from './semantic-store.js';

/** What is looked for. */
export interface Wanted {
  readonly asked: AskedQuestion;
  /** False when only the question's vector is wanted, to keep a new answer by. */
  readonly canRead: boolean;
  readonly maxAgeMs: number;
  readonly threshold: number;
  readonly wording: Wording;
}

/** What was found. */
export interface Finding {
  readonly answer: StoredAnswer | null;
  /** Of the question that the answer was given to. */
  readonly similarity: number;
  /** The vector of the question, to keep a new answer by; null when there is none. */
  readonly vector: string | null;
}

/** Refusals that are about the key or the request, and say nothing of what is asked. */
const OF_THE_CALLER: ReadonlySet<string> = new Set(['permission', 'rate-limit', 'invalid-request']);

/** Looks for answers to questions that mean the same. Whoever waits for it waits a bounded time, and never fails by it. */
@Injectable()
export class SemanticLookup {
  readonly #logger = new Logger('SemanticCache');
  readonly #pause = new Pause();
  readonly #timeoutMs: number;

  constructor(
    gateway: GatewayConfig,
    private readonly store: SemanticStore,
    private readonly embedder: QuestionEmbedder,
    private readonly clock: Clock,
  ) {
    this.#timeoutMs = gateway.caches.semantic.timeoutMs;
  }

  /** Null when nobody could be asked, or not in time. Never rejects. */
  async find(wanted: Wanted, call: CallContext): Promise<Finding | null> {
    if (this.#pause.isOn(this.clock.monotonic())) return null;
    const asker = askerOf(call);
    try {
      const finding = await within(this.#find(wanted, asker), this.#timeoutMs, this.clock);
      this.#pause.succeeded();
      return finding;
    } catch (error) {
      if (!call.signal.aborted) this.#note(error);
      return null;
    } finally {
      endAsker(asker, call);
    }
  }

  async #find({ asked, canRead, maxAgeMs, threshold, wording }: Wanted, asker: CallContext): Promise<Finding> {
    const same = canRead ? await this.store.findSame(asked, maxAgeMs) : null;
    if (same) return { answer: same, similarity: 1, vector: null };
    const vector = await this.embedder.embed(asked.text, asker);
    if (vector === null || !canRead) return { answer: null, similarity: 0, vector };
    const neighbours = await this.store.findNearest(asked, vector, { maxAgeMs, threshold });
    const fitting = neighbours.find(isFitting(asked, wording));
    const answer = fitting ? await this.store.load(asked.projectId, fitting.id) : null;
    return { answer, similarity: fitting?.similarity ?? 0, vector };
  }

  #note(error: unknown): void {
    if (error instanceof AppError && OF_THE_CALLER.has(error.category)) return;
    if (!this.#pause.failed(this.clock.monotonic())) return;
    this.#logger.warn(`The semantic cache is not asked for a while: ${(error as Error).message}`);
  }
}

function isFitting(asked: AskedQuestion, wording: Wording): (neighbour: Neighbour) => boolean {
  return ({ text }) => mayShareAnswer(asked.question, readQuestion(text), wording);
}
