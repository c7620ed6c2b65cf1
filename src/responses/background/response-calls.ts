import { Injectable } from '@nestjs/common';
import { KeyPrincipals } from '../../auth/key-principals.js';
import { CallContext } from '../../core/call-context.js';
import { Clock } from '../../core/clock.js';
import { AppError } from '../../core/errors/app-error.js';
import { newId } from '../../core/ids.js';
import { hasScope, type Principal } from '../../core/principal.js';
import { Tracing } from '../../core/telemetry/tracing.js';
import type { RunningJob } from '../../jobs/job.js';
import type { ResponseJobPayload } from './response-job.js';

/** Makes the calls that responses in the background are asked with. */
@Injectable()
export class ResponseCalls {
  constructor(
    private readonly principals: KeyPrincipals,
    private readonly clock: Clock,
    private readonly tracing: Tracing = new Tracing(),
  ) {}

  /**
   * A call in the name of whoever asked, with what they may use now. Rejects with `invalid_api_key` and
   * `insufficient_scope` when that is nothing any more.
   */
  async open({ keyId, projectId, payload }: RunningJob<ResponseJobPayload>): Promise<CallContext> {
    const principal = await this.principals.of(keyId, projectId);
    requireAllowed(principal, keyId);
    const call = new CallContext({
      ...{ id: newId('req_'), surface: 'job', receivedAt: this.clock.now(), principal },
      tags: payload.tags,
      cacheWish: payload.cache,
    });
    this.tracing.tracer?.joinJob(call);
    return call;
  }
}

function requireAllowed(principal: Principal | null, keyId: string | null): asserts principal is Principal {
  if (!principal) {
    throw new AppError('invalid_api_key', 'The key that asked for the response may not be used any more.');
  }
  // The bearer of a token has no scopes that could be looked up: they were checked when it asked.
  if (keyId?.startsWith('key_') !== true || hasScope(principal, 'chat')) return;
  throw new AppError('insufficient_scope', 'The key that asked for the response lacks the scope `chat` by now.');
}
