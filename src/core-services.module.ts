import { Global, Module } from '@nestjs/common';
import { Clock, SystemClock } from './core/clock.js';
import { DomainEvents } from './core/domain-events.js';

/** The plain services that every feature may ask for. */
@Global()
@Module({
  providers: [{ provide: Clock, useClass: SystemClock }, DomainEvents],
  exports: [Clock, DomainEvents],
})
export class CoreServicesModule {}
