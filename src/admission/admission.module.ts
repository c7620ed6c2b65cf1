import { Global, Module, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.js';
import { AdmissionConfig } from '../config/admission-config.js';
import { ServerConfig } from '../config/server-config.js';
import { Clock } from '../core/clock.js';
import { MetricSources } from '../core/telemetry/metric-sources.js';
import { Telemetry } from '../core/telemetry/telemetry.js';
import { BodyMemory } from '../http/body/body-memory.js';
import { AdmissionDoor } from './admission-door.js';
import { SeatGate } from './seat-gate.js';
import { AdmissionTerms, toAdmissionTerms } from './admission-terms.js';
import { LoadWatch } from './load-watch.js';
import { Machine } from './machine.js';
import { OverloadJudge } from './overload-judge.js';

const TERMS = {
  provide: AdmissionTerms,
  inject: [AdmissionConfig, Machine, ServerConfig],
  useFactory: (config: AdmissionConfig, machine: Machine, { workers }: ServerConfig): AdmissionTerms =>
    toAdmissionTerms(config, machine, workers),
};

const GATE = {
  provide: SeatGate,
  inject: [AdmissionTerms, AdmissionConfig, Clock, Telemetry],
  useFactory: (
    { maxSeats, queueSize }: AdmissionTerms,
    { waitMs }: AdmissionConfig,
    clock: Clock,
    telemetry: Telemetry,
  ): SeatGate => new SeatGate({ maxSeats, queueSize, waitMs }, clock, telemetry),
};

const JUDGE = {
  provide: OverloadJudge,
  inject: [AdmissionTerms, AdmissionConfig],
  useFactory: ({ maxSeats }: AdmissionTerms, { maxLoopDelayMs, maxMemoryPercent }: AdmissionConfig): OverloadJudge =>
    new OverloadJudge({ maxSeats, maxLoopDelayMs, maxMemoryShare: maxMemoryPercent / 100 }),
};

const WATCH = {
  provide: LoadWatch,
  inject: [OverloadJudge, SeatGate, Machine, Clock, ServerConfig],
  useFactory: (
    judge: OverloadJudge,
    gate: SeatGate,
    machine: Machine,
    clock: Clock,
    { workers }: ServerConfig,
  ): LoadWatch => {
    const residentLimitBytes = (machine.containerLimitBytes ?? Infinity) / workers;
    return new LoadWatch({ judge, gate, machine, clock, residentLimitBytes });
  },
};

/** How much this process takes: requests wait or are turned away before they cost anything when it is full. */
@Global()
@Module({
  imports: [AuthModule],
  providers: [Machine, TERMS, GATE, JUDGE, WATCH, AdmissionDoor],
  exports: [AdmissionDoor, SeatGate],
})
export class AdmissionModule implements OnApplicationBootstrap, OnApplicationShutdown {
  constructor(
    private readonly watch: LoadWatch,
    private readonly gate: SeatGate,
    private readonly bodies: BodyMemory,
    private readonly terms: AdmissionTerms,
    private readonly sources: MetricSources,
  ) {}

  onApplicationBootstrap(): void {
    const { bodies, gate, sources, terms, watch } = this;
    bodies.limitBytes = terms.bodyBytes;
    sources.admission = () => ({
      inFlight: gate.inFlight,
      queued: gate.queued,
      seats: gate.limit,
      bodyBytes: bodies.totalBytes,
    });
    watch.start();
  }

  onApplicationShutdown(): void {
    this.watch.stop();
  }
}
