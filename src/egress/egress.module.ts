import { Module } from '@nestjs/common';
import { EgressPolicy } from './egress-policy.js';
import { HostResolver, SystemHostResolver } from './host-resolver.js';
import { VettedFetch } from './vetted-fetch.js';

/** The only way out to URLs that somebody gave us. */
@Module({
  providers: [EgressPolicy, VettedFetch, { provide: HostResolver, useClass: SystemHostResolver }],
  exports: [VettedFetch],
})
export class EgressModule {}
