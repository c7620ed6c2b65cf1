import { Global, Module } from '@nestjs/common';
import { Clock, SystemClock } from './core/clock.js';
import { DomainEvents } from './core/domain-events.js';
import { LiveInstances } from './core/live-instances.js';

/** The plain services that every feature may ask for. */
@Global()
@Module({
  providers: [{ provide: Clock, useClass: SystemClock }, DomainEvents, LiveInstances],
  exports: [Clock, DomainEvents, LiveInstances],
})
export class CoreServicesModule {}
