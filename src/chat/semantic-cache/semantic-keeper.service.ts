import { type BeforeApplicationShutdown, Injectable, Logger } from '@nestjs/common';
import { GatewayConfig } from '../../config/gateway-config.js';
import type { StoredAnswer } from '../response-cache/stored-answer.js';
import type { AskedQuestion } from './semantic-entry.js';
import { SemanticStore } from './semantic-store.js';

/** So many answers may be on their way to the database; while it is slow the others are not kept. */
const MOST_WAITING = 64;

/** Keeps answers without anybody waiting for it. */
@Injectable()
export class SemanticKeeper implements BeforeApplicationShutdown {
  readonly #logger = new Logger('SemanticCache');
  readonly #maxEntries: number;
  readonly #work = new Set<Promise<void>>();

  constructor(
    gateway: GatewayConfig,
    private readonly store: SemanticStore,
  ) {
    this.#maxEntries = gateway.caches.semantic.maxEntries;
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.flush();
  }

  /** Resolves once everything that was to be kept by now is kept, or could not be. */
  async flush(): Promise<void> {
    await Promise.all(this.#work);
  }

  /** Takes an answer; one that called tools is not kept, nor one that comes while too many wait. */
  keep(asked: AskedQuestion, vector: string, answer: StoredAnswer, ttlMs: number): void {
    if (this.#work.size >= MOST_WAITING || answer.events.some(isOfTools)) return;
    const work = this.#save(asked, vector, answer, ttlMs).finally(() => {
      this.#work.delete(work);
    });
    this.#work.add(work);
  }

  async #save(asked: AskedQuestion, vector: string, answer: StoredAnswer, ttlMs: number): Promise<void> {
    try {
      await this.store.save(asked, vector, answer, ttlMs);
      await this.store.trim(asked.projectId, this.#maxEntries);
    } catch (error) {
      this.#logger.warn(`An answer could not be kept: ${(error as Error).message}`);
    }
  }
}

function isOfTools({ type }: StoredAnswer['events'][number]): boolean {
  return type === 'tool-call-start' || type === 'tool-result';
}
