import pg from 'pg';
import { toAvailabilityError } from './connection-failure.js';

export interface AvailabilityClientConfig extends pg.ClientConfig {
  /** How long a query may go without an answer before its connection is given up; missing for as long as it takes. */
  answerTimeoutMillis?: number;
  /** Called whenever the server says something that only one says that is well. */
  onSign?: () => void;
}

/** What a server says while a connection is made, and when it is done with a statement. */
const SIGNS = [
  'sslconnect',
  'authenticationSASL',
  'authenticationMD5Password',
  'authenticationCleartextPassword',
  'readyForQuery',
];

type Callback = (...results: unknown[]) => void;

/**
 * A client whose promises fail with `dependency_unavailable` when the connection broke under them. A server that does not even
 * say that it gave a statement up is gone, with a connection that would else be waited for as long as TCP has hope.
 */
export class AvailabilityClient extends pg.Client {
  readonly #answerMs: number;
  #unanswered = 0;
  #isPatient = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(config: AvailabilityClientConfig = {}) {
    super(config);
    this.#answerMs = config.answerTimeoutMillis ?? 0;
    if (config.onSign) for (const sign of SIGNS) this.connection.on(sign, config.onSign);
    const query = this.query.bind(this) as (...parameters: unknown[]) => unknown;
    const guarded = (...parameters: unknown[]): unknown => {
      const isWatched = this.#watch(parameters);
      const result = query(...parameters);
      if (!(result instanceof Promise)) {
        // Such as a cursor, whose end nobody tells us.
        if (isWatched) this.#answered();
        return result;
      }
      if (isWatched) result.then(this.#answered, this.#answered);
      return result.catch((error: unknown) => {
        throw toAvailabilityError(error);
      });
    };
    Object.assign(this, { query: guarded });
  }

  /** Whoever had the connection is done with it, and so is what was special to that. */
  reset(): void {
    this.#isPatient = false;
  }

  /** True when `#answered` is to be called at the end of the query; one with a callback does that itself. */
  #watch(parameters: unknown[]): boolean {
    if (this.#answerMs === 0) return false;
    const [text] = parameters;
    // Who asks for more time than a statement usually has is waited for.
    if (typeof text === 'string' && text.startsWith('set') && text.includes('statement_timeout'))
      this.#isPatient = true;
    const callback = parameters.at(-1);
    this.#unanswered += 1;
    if (this.#unanswered === 1) this.#expectAnswer();
    if (typeof callback !== 'function') return true;
    parameters[parameters.length - 1] = (...results: unknown[]) => {
      this.#answered();
      (callback as Callback)(...results);
    };
    return false;
  }

  readonly #answered = (): void => {
    this.#unanswered -= 1;
    if (this.#unanswered > 0) this.#timer?.refresh();
    else clearTimeout(this.#timer);
  };

  #expectAnswer(): void {
    clearTimeout(this.#timer);
    // After a pause of the whole process, what has arrived meanwhile is heard first.
    this.#timer = setTimeout(() => setImmediate(this.#giveUp), this.#answerMs).unref();
  }

  readonly #giveUp = (): void => {
    if (this.#unanswered === 0) return;
    if (this.#isPatient) this.#expectAnswer();
    else this.connection.stream.destroy(new Error('Connection terminated: the server does not answer.'));
  };
}
