import type { TokenUsage } from '../../core/chat/token-usage.js';
import { AppError, ClientGoneError } from '../../core/errors/app-error.js';
import { NO_MONEY } from '../../core/money.js';
import type { Ask } from './ask.js';
import type { Estimate } from './bill-attempt.js';
import { DeliveredText } from './delivered-text.js';
import type { Grant } from './grant.js';

/** `stopped`: the answer was not read to its end, for whatever reason. */
type AdmissionState = 'open' | 'completed' | 'stopped' | 'failed' | 'aborted';

const CHARACTERS_PER_TOKEN = 4;

/** One request that was let through within a call: what it asked for, what came, and how it ended. */
export class Admission implements Estimate {
  readonly delivered = new DeliveredText();
  errorCode: string | null = null;
  /** What was reserved on top for attempts after the first: USD. */
  extendedUsd = NO_MONEY;
  #state: AdmissionState = 'open';

  /** `firstAttempt`: how many attempts the call had before this request. */
  constructor(
    readonly ask: Ask,
    readonly grant: Grant,
    readonly firstAttempt: number,
  ) {}

  get state(): AdmissionState {
    return this.#state;
  }

  complete(): void {
    this.#state = 'completed';
  }

  stop(): void {
    this.#state = 'stopped';
  }

  /** Notes why there was no answer, or no whole one. */
  fail(error: unknown): void {
    this.#state = error instanceof ClientGoneError ? 'aborted' : 'failed';
    this.errorCode = error instanceof AppError ? error.code : null;
  }

  /** Counted once, and only when asked. */
  promptTokens(): number {
    return this.ask.promptTokens();
  }

  countedUsage(provider: string): TokenUsage | null {
    return this.ask.countedUsage?.(provider) ?? null;
  }

  get completedUsage(): Estimate['completedUsage'] {
    const { ask } = this;
    return ask.completedUsage && ((reported, target) => ask.completedUsage?.(reported, target) ?? reported);
  }

  deliveredTokens(characters: number): { output: number; reasoning: number } {
    if (characters === 0) return { output: 0, reasoning: 0 };
    const seen = this.delivered.characters;
    if (seen === 0) return { output: Math.ceil(characters / CHARACTERS_PER_TOKEN), reasoning: 0 };
    const { output, reasoning } = this.delivered.tokens();
    const share = characters / seen;
    return { output: Math.round(output * share), reasoning: Math.round(reasoning * share) };
  }
}
