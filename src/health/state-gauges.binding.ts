import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { HealthCheckResult } from '@nestjs/terminus';
import { DataSource } from 'typeorm';
import { MetricSources } from '../core/telemetry/metric-sources.js';
import { InstanceHeartbeatService } from '../database/instance-heartbeat.service.js';
import { poolGaugesOf } from '../database/pool-gauges.js';
import { BacklogReader } from './backlog.js';
import { ReadinessService } from './readiness.service.js';

/** Gives metrics what the probes see, the pool of connections, and what waits in the database. */
@Injectable()
export class StateGaugesBinding implements OnModuleInit {
  constructor(
    private readonly sources: MetricSources,
    private readonly readiness: ReadinessService,
    private readonly backlog: BacklogReader,
    private readonly dataSource: DataSource,
    private readonly heartbeat: InstanceHeartbeatService,
  ) {}

  onModuleInit(): void {
    this.sources.pool = () => poolGaugesOf(this.dataSource);
    this.sources.clockSkewSeconds = () => this.heartbeat.clockSkewMs / 1_000;
    this.sources.backlog = () => this.backlog.read();
    this.sources.readiness = async () => {
      const { isReady, result } = await this.readiness.check();
      return { isReady, dependencies: toStates(result) };
    };
  }
}

// What the process is for stands among them, and depends on nothing.
function toStates({ details }: HealthCheckResult): Record<string, boolean> {
  const states = Object.entries(details).filter(([name]) => name !== 'role');
  return Object.fromEntries(states.map(([name, { status }]) => [name, status === 'up']));
}
