import { Global, Module } from '@nestjs/common';
import { Clock, SystemClock } from './core/clock.js';
import { DomainEvents } from './core/domain-events.js';
import { LiveInstances } from './core/live-instances.js';
import { OptionalDependencies } from './core/optional-dependencies.js';

/** The plain services that every feature may ask for. */
@Global()
@Module({
  providers: [{ provide: Clock, useClass: SystemClock }, DomainEvents, LiveInstances, OptionalDependencies],
  exports: [Clock, DomainEvents, LiveInstances, OptionalDependencies],
})
export class CoreServicesModule {}
