import { Injectable } from '@nestjs/common';
import type { ContentKey } from '../../cache/content-key.js';
import { SealedCache } from '../../cache/sealed-cache.js';
import { Clock } from '../../core/clock.js';
import { parseAnswer, serialiseAnswer, type StoredAnswer } from './stored-answer.js';

/** Answers by the requests that they were given to, in whatever cache there is. */
@Injectable()
export class KeptAnswers {
  constructor(
    private readonly cache: SealedCache,
    private readonly clock: Clock,
  ) {}

  /** Null when there is none, or none so young. Never rejects. */
  async find(key: ContentKey, maxAgeMs: number): Promise<StoredAnswer | null> {
    const bytes = await this.cache.get(key);
    const answer = bytes && parseAnswer(bytes);
    return answer && this.clock.now() - answer.storedAt < maxAgeMs ? answer : null;
  }

  /** Keeps the answer, which can be found from now on; one that is too long is not kept. */
  keep(key: ContentKey, answer: StoredAnswer, ttlMs: number): void {
    this.cache.set(key, serialiseAnswer(answer), ttlMs);
  }
}
