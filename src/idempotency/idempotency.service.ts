import { Injectable } from '@nestjs/common';
import { AppError } from '../core/errors/app-error.js';
import { Telemetry } from '../core/telemetry/telemetry.js';
import { AnswerRoom } from './answer-room.js';
import { AnswerTape } from './answer-tape.js';
import { ClaimBook } from './claim-book.service.js';
import type { KeySecrets } from './idempotency-key.js';
import { IdempotencySweeper } from './idempotency-sweeper.service.js';
import type { ClaimRequest, FoundRecord } from './idempotency-store.js';
import { type KeptAnswer, openAnswer, sealAnswer } from './seal-answer.js';

const RETRY_AFTER_MS = 1_000;

/** A claim, and how the request's fingerprint is known once its answer is over: null when its body was never read. */
export interface ClaimTerms {
  readonly claim: ClaimRequest;
  readonly secrets: KeySecrets;
  readonly fingerprint: () => string | null;
}

/** Lets each request with a key run once, and says what was answered to it. */
@Injectable()
export class IdempotencyService {
  constructor(
    private readonly book: ClaimBook,
    private readonly room: AnswerRoom,
    private readonly sweeper: IdempotencySweeper,
    private readonly telemetry: Telemetry,
  ) {}

  /** What was answered to a request with this key, or is being answered; null when the caller is the one to answer it. */
  claim(claim: ClaimRequest): Promise<FoundRecord | null> {
    return this.book.claim(claim);
  }

  /** Gives a claim back that nothing came of. */
  async release(claim: ClaimRequest): Promise<void> {
    await this.book.release(claim);
  }

  /** The tape for the answer to a request whose claim is held. */
  tapeOf({ claim, secrets, fingerprint }: ClaimTerms): AnswerTape {
    const release = (outcome: 'error' | 'too_large'): Promise<void> => {
      this.telemetry.idempotencyUsed({ outcome });
      return this.book.release(claim);
    };
    return new AnswerTape(this.room, {
      release,
      store: (answer) => {
        const known = fingerprint();
        // Nobody could tell another request with the same key from this one.
        if (known === null) return release('error');
        const seal = async (): Promise<{ fingerprint: string; answer: Buffer }> => ({
          fingerprint: known,
          answer: await sealAnswer(answer, secrets),
        });
        return this.book.complete(claim, seal, (bytes) => {
          this.telemetry.idempotencyUsed({ outcome: 'stored' });
          this.sweeper.noteStored(bytes);
        });
      },
    });
  }

  /**
   * The answer that was found. Throws `idempotency_key_reused` when it belongs to another request, and `idempotency_in_flight`
   * while there is none; a fingerprint that is not known yet tells nothing.
   */
  async answerOf(found: FoundRecord, fingerprint: string | null, secrets: KeySecrets): Promise<KeptAnswer> {
    if (found.fingerprint !== null && fingerprint !== null && found.fingerprint !== fingerprint) {
      this.telemetry.idempotencyUsed({ outcome: 'reused' });
      throw new AppError(
        'idempotency_key_reused',
        'This `Idempotency-Key` was used with another request. Send a new key for each request that is not a repetition.',
      );
    }
    if (found.answer === null) {
      this.telemetry.idempotencyUsed({ outcome: 'in_flight' });
      throw new AppError(
        'idempotency_in_flight',
        'The first request with this `Idempotency-Key` is being answered. Send the same request again in a second.',
        { retryAfterMs: RETRY_AFTER_MS },
      );
    }
    const answer = await openAnswer(found.answer, secrets);
    this.telemetry.idempotencyUsed({ outcome: 'replayed' });
    return answer;
  }
}
