import { AppError, ClientGoneError } from '../../core/errors/app-error.js';
import type { Operation } from '../ledger/ledger-record.js';
import type { Estimate } from './bill-attempt.js';
import { DeliveredText } from './delivered-text.js';

export interface AdmissionOptions {
  readonly operation: Operation;
  /** As the client named it. */
  readonly model: string;
  /** As `provider/model`: where the request may be sent. */
  readonly targets: ReadonlySet<string>;
  /** How many attempts the call had before this request. */
  readonly firstAttempt: number;
  countPrompt(): number;
}

/** `stopped`: the answer was not read to its end, for whatever reason. */
type AdmissionState = 'open' | 'completed' | 'stopped' | 'failed' | 'aborted';

const CHARACTERS_PER_TOKEN = 4;

/** One request that was let through within a call: what it asked for, what came, and how it ended. */
export class Admission implements Estimate {
  readonly options: AdmissionOptions;
  readonly delivered = new DeliveredText();
  errorCode: string | null = null;
  #state: AdmissionState = 'open';
  #promptTokens: number | null = null;

  constructor(options: AdmissionOptions) {
    this.options = options;
  }

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
    this.#promptTokens ??= this.options.countPrompt();
    return this.#promptTokens;
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
