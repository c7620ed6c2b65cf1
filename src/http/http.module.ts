import { Global, Module } from '@nestjs/common';
import { CallContextMiddleware } from './call-context.middleware.js';
import { ErrorFilter } from './error.filter.js';
import { JsonBodyGuard } from './body/json-body.guard.js';
import { OpenCalls } from './open-calls.js';
import { RequestLog } from './request-log.js';
import { RouteTable } from './route-table.js';
import { WelcomeController } from './welcome.controller.js';

/** What every request passes through, whichever feature it is for. */
@Global()
@Module({
  controllers: [WelcomeController],
  providers: [CallContextMiddleware, ErrorFilter, JsonBodyGuard, OpenCalls, RequestLog, RouteTable],
  exports: [CallContextMiddleware, ErrorFilter, JsonBodyGuard, OpenCalls, RequestLog, RouteTable],
})
export class HttpModule {}
