import { Logger } from '@nestjs/common';
import type { CallContext } from '../../core/call-context.js';
import type { Clock } from '../../core/clock.js';
import { type AppError, ClientGoneError } from '../../core/errors/app-error.js';
import type { ErrorCode } from '../../core/errors/error-codes.js';
import { parseExactJson } from '../../core/exact-json.js';
import type { JsonObject } from '../../core/json.js';
import { toAppError } from '../../http/to-app-error.js';
import type { LineCalls } from './line-calls.js';
import type { LineOutcome, TakenLine } from './line-outcome.js';
import { toRefusal, toSuccess } from './line-result.js';
import type { LineRunners } from './line-runners.service.js';

/** A line got its result, or it has to wait for what its key may not have now. */
export type LineEnd =
  { readonly outcome: LineOutcome; readonly wait: null } | { readonly outcome: null; readonly wait: AppError };

/** Why a line was not answered that may be tried again. */
interface Failure {
  readonly error: AppError;
  readonly call: CallContext;
}

/** The key's own limits and budgets: they let the line through another time. */
const WAITED_FOR: ReadonlySet<ErrorCode> = new Set(['rate_limit_exceeded', 'concurrency_limit', 'insufficient_quota']);
/** What passes by itself and has cost nothing. */
const PASSING: ReadonlySet<ErrorCode> = new Set([
  'upstream_rate_limited',
  'upstream_overloaded',
  'upstream_unreachable',
  'no_healthy_upstream',
  'overloaded',
]);
const MOST_TRIES = 3;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;

/** Gets single lines their answers. */
export class LineWorker {
  readonly #logger = new Logger('Batches');

  constructor(
    private readonly calls: LineCalls,
    private readonly runners: LineRunners,
    private readonly clock: Clock,
    private readonly signal: AbortSignal,
  ) {}

  /** Rejects when the signal fires, and when the database is away: then nothing is known of the line. */
  async answer(line: TakenLine): Promise<LineEnd> {
    for (let tries = 1; ; tries += 1) {
      const end = await this.#tryOnce(line);
      if (!('error' in end)) return end;
      const { error, call } = end;
      if (mustWait(error)) return { outcome: null, wait: error };
      const pauseMs = error.retryAfterMs ?? FIRST_PAUSE_MS * 2 ** tries;
      if (tries === MOST_TRIES || pauseMs > LONGEST_PAUSE_MS)
        return { outcome: toRefusal(line, call, error), wait: null };
      await this.clock.sleep(pauseMs, this.signal);
    }
  }

  async #tryOnce(line: TakenLine): Promise<LineEnd | Failure> {
    this.signal.throwIfAborted();
    const principal = await this.calls.principal();
    // A signal that fired meanwhile tells nobody who listens only now, and the request would go on without its job.
    this.signal.throwIfAborted();
    const call = this.calls.open(principal, line.url);
    const onAbort = (): void => {
      call.abort(new ClientGoneError());
    };
    this.signal.addEventListener('abort', onAbort, { once: true });
    try {
      this.calls.requireAllowed(principal, line.url);
      const body = await this.runners.run(line.url, parseExactJson(line.body) as JsonObject, call);
      return { outcome: toSuccess(line, call, body), wait: null };
    } catch (thrown) {
      return this.#judge(line, call, thrown);
    } finally {
      this.signal.removeEventListener('abort', onAbort);
      call.finish();
    }
  }

  #judge(line: TakenLine, call: CallContext, thrown: unknown): LineEnd | Failure {
    this.signal.throwIfAborted();
    const error = toAppError(thrown);
    call.trace?.failed(error.code);
    if (error.code === 'dependency_unavailable') throw error;
    if (mustWait(error) || PASSING.has(error.code)) return { error, call };
    if (error.code === 'internal_error') {
      this.#logger.error(`The request ${call.id} of a batch failed: ${String((thrown as Error).stack)}`);
    }
    return { outcome: toRefusal(line, call, error), wait: null };
  }
}

/** Whether a limit or a budget lets the line through another time; one that is beyond a limit at any time fails. */
function mustWait({ code, shouldRetry }: AppError): boolean {
  return WAITED_FOR.has(code) && (code === 'insufficient_quota' || shouldRetry !== false);
}
