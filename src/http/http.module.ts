import { Global, Module } from '@nestjs/common';
import { CallContextMiddleware } from './call-context.middleware.js';
import { ErrorFilter } from './error.filter.js';
import { LoggingModule } from '../logging/logging.module.js';
import { BodyMemory } from './body/body-memory.js';
import { JsonBodyGuard } from './body/json-body.guard.js';
import { OpenCalls } from './open-calls.js';
import { RequestLog } from './request-log.js';
import { RouteTable } from './route-table.js';
import { WelcomeController } from './welcome.controller.js';

/** What every request passes through, whichever feature it is for. */
@Global()
@Module({
  imports: [LoggingModule],
  controllers: [WelcomeController],
  providers: [BodyMemory, CallContextMiddleware, ErrorFilter, JsonBodyGuard, OpenCalls, RequestLog, RouteTable],
  exports: [BodyMemory, CallContextMiddleware, ErrorFilter, JsonBodyGuard, OpenCalls, RequestLog, RouteTable],
})
export class HttpModule {}
