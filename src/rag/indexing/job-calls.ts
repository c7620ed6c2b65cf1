import { Injectable } from '@nestjs/common';
import { KeyPrincipals } from '../../auth/key-principals.js';
import { CallContext } from '../../core/call-context.js';
import { Clock } from '../../core/clock.js';
import { newId } from '../../core/ids.js';
import { Tracing } from '../../core/telemetry/tracing.js';
import type { RunningJob } from '../../jobs/job.js';

/** Makes the calls that jobs ask models with. */
@Injectable()
export class JobCalls {
  constructor(
    private readonly principals: KeyPrincipals,
    private readonly clock: Clock,
    private readonly tracing: Tracing = new Tracing(),
  ) {}

  /** A call in the name of the key that began the job, with what it may use now; null when it is not valid any more. */
  async open({ keyId, projectId }: Pick<RunningJob<never>, 'keyId' | 'projectId'>): Promise<CallContext | null> {
    const principal = await this.principals.of(keyId, projectId);
    if (!principal) return null;
    const call = new CallContext({ id: newId('req_'), surface: 'job', receivedAt: this.clock.now(), principal });
    this.tracing.tracer?.joinJob(call);
    return call;
  }
}
