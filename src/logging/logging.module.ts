import { Module } from '@nestjs/common';
import { NestLogger } from './nest-logger.js';
import { ProcessLog } from './process-log.js';

/** The log of the process. */
@Module({
  providers: [ProcessLog, NestLogger],
  exports: [ProcessLog, NestLogger],
})
export class LoggingModule {}
