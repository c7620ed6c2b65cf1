import type { KeyPrincipals } from '../../auth/key-principals.js';
import { CallContext } from '../../core/call-context.js';
import type { Clock } from '../../core/clock.js';
import { AppError } from '../../core/errors/app-error.js';
import { newId } from '../../core/ids.js';
import { hasScope, type Principal } from '../../core/principal.js';
import type { RunningJob } from '../../jobs/job.js';
import type { BatchJobPayload } from '../batch-job.js';
import { ENDPOINTS, type EndpointUrl } from '../endpoints.js';

/** A key that was revoked so long ago may still be used for a line. */
const KNOWN_FOR_MS = 500;

/** Makes the calls of the lines of one batch. */
export class LineCalls {
  #known: Promise<Principal | null> | null = null;
  #knownAt = -Infinity;

  constructor(
    private readonly job: Pick<RunningJob<BatchJobPayload>, 'keyId' | 'projectId' | 'payload' | 'tracer'>,
    private readonly tags: readonly string[],
    private readonly principals: KeyPrincipals,
    private readonly clock: Clock,
  ) {}

  /** A call that nobody may make yet, so that its refusal has a name as well. */
  open(principal: Principal | null, url: EndpointUrl): CallContext {
    const receivedAt = this.clock.now();
    const call = new CallContext({
      ...{ id: newId('req_'), surface: 'job', receivedAt, tags: this.tags, ...(principal && { principal }) },
    });
    this.job.tracer?.batchLine(call, url);
    return call;
  }

  /** Who asks, with what they may use now; null when that is nothing any more. Rejects when the database is away. */
  principal(): Promise<Principal | null> {
    const now = this.clock.monotonic();
    if (!this.#known || now - this.#knownAt > KNOWN_FOR_MS) {
      this.#known = this.principals.of(this.job.keyId, this.job.projectId);
      this.#known.catch(() => (this.#known = null));
      this.#knownAt = now;
    }
    return this.#known;
  }

  /** Throws `invalid_api_key` and `insufficient_scope`. */
  requireAllowed(principal: Principal | null, url: EndpointUrl): asserts principal is Principal {
    if (!principal) {
      throw new AppError('invalid_api_key', 'The key that made the batch may not be used any more.');
    }
    const { scope } = ENDPOINTS[url];
    const { keyId, payload } = this.job;
    const scopes = keyId?.startsWith('key_') === true ? principal.scopes : payload.scopes;
    if (hasScope({ ...principal, scopes }, scope)) return;
    throw new AppError('insufficient_scope', `The key that made the batch lacks the scope \`${scope}\` for this line.`);
  }
}
