import { Global, Logger, Module } from '@nestjs/common';
import { ServerConfig } from './config/server-config.js';
import { Clock, SystemClock } from './core/clock.js';
import { DomainEvents } from './core/domain-events.js';
import { Housekeeping } from './core/housekeeping.js';
import { LiveInstances } from './core/live-instances.js';
import { NeededDependencies } from './core/needed-dependencies.js';
import { OptionalDependencies } from './core/optional-dependencies.js';
import { runsJobs } from './core/process-role.js';

/** The plain services that every feature may ask for. */
@Global()
@Module({
  providers: [
    { provide: Clock, useClass: SystemClock },
    DomainEvents,
    LiveInstances,
    NeededDependencies,
    OptionalDependencies,
    {
      provide: Housekeeping,
      useFactory: (clock: Clock, { role }: ServerConfig) => makeHousekeeping(clock, runsJobs(role)),
      inject: [Clock, ServerConfig],
    },
  ],
  exports: [Clock, DomainEvents, LiveInstances, NeededDependencies, OptionalDependencies, Housekeeping],
})
export class CoreServicesModule {}

function makeHousekeeping(clock: Clock, isOurs: boolean): Housekeeping {
  const logger = new Logger('Housekeeping');
  return new Housekeeping(clock, isOurs, (message) => {
    logger.warn(message);
  });
}
