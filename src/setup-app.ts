import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { SwaggerModule } from '@nestjs/swagger';
import type { NextFunction, Request, Response } from 'express';
import { AdmissionDoor } from './admission/admission-door.js';
import { ChatSocketAdapter } from './chat-api/websocket/chat-socket.adapter.js';
import { takeUpgrades } from './chat-api/websocket/take-upgrades.js';
import { ServerConfig } from './config/server-config.js';
import { DrainState } from './core/drain-state.js';
import { takesRequests } from './core/process-role.js';
import { Tracing } from './core/telemetry/tracing.js';
import { MetricSources } from './core/telemetry/metric-sources.js';
import { JsonBodyGuard } from './http/body/json-body.guard.js';
import { CallContextMiddleware } from './http/call-context.middleware.js';
import { callOf } from './http/call-of.js';
import { ErrorFilter } from './http/error.filter.js';
import { OpenCalls } from './http/open-calls.js';
import { refuseApiRequests } from './http/refuse-api-requests.js';
import { expectationProblem, refuseBrokenRequests } from './http/refuse-broken-requests.js';
import { spareUnsentAnswers } from './http/spare-unsent-answers.js';
import { RequestValidationPipe } from './http/validation.pipe.js';
import { detachedResponse } from './idempotency/detach-answer.js';
import { IdempotencyGuard } from './idempotency/idempotency.guard.js';
import { createOpenApiDocument } from './openapi-document.js';
import { VERSION } from './version.js';

const HEADERS_MS = 15_000;
// Covers uploads on slow lines; JSON bodies have their own, shorter limit.
const REQUEST_MS = 300_000;
// Longer than the idle time of common load balancers, so that they close first.
const KEEP_ALIVE_MS = 75_000;

/** Everything about HTTP that the server and the tests share. The application must come without Nest's body parser. */
export async function setupApp(app: NestExpressApplication): Promise<void> {
  const server = app.get(ServerConfig);
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('trust proxy', server.trustProxy);
  app.setLocal('version', VERSION);
  app.get(MetricSources).version = VERSION;
  neverAnswerNotModified(app);
  useMiddleware(app, server);
  app.useGlobalFilters(app.get(ErrorFilter));
  // Runs after the guards that modules provide: the body of a request without a good key is not read.
  app.useGlobalGuards(app.get(JsonBodyGuard), app.get(IdempotencyGuard));
  app.useGlobalPipes(new RequestValidationPipe());
  app.useWebSocketAdapter(new ChatSocketAdapter(app, server.bodyLimitBytes));
  takeUpgrades(app);
  await serveDocumentation(app);
  setTimeouts(app.getHttpServer());
  refuseBrokenRequests(app.getHttpServer());
  spareUnsentAnswers(app.getHttpServer());
}

// Express would answer a conditional request with 304 and no body; these answers are no documents that anyone keeps.
function neverAnswerNotModified(app: NestExpressApplication): void {
  const express = app.getHttpAdapter().getInstance() as { request: object };
  Object.defineProperty(express.request, 'fresh', { get: () => false });
}

function useMiddleware(app: NestExpressApplication, server: ServerConfig): void {
  const calls = app.get(CallContextMiddleware);
  const open = app.get(OpenCalls);
  const { tracer } = app.get(Tracing);
  const drain = app.get(DrainState);
  const door = app.get(AdmissionDoor);
  const handle = app.getHttpAdapter().getInstance() as (request: IncomingMessage, response: ServerResponse) => void;
  const pass = (request: Request, response: Response, next: NextFunction): void => {
    const problem = expectationProblem(request);
    if (problem) next(problem);
    else door.enter(request, response, next);
  };
  const enter = (request: Request, response: Response, next: NextFunction): void => {
    open.run(open.add(callOf(request), response), pass, request, response, next);
  };
  // One middleware for what every request gets: each further one costs the router as much again.
  app.use((request: Request, response: Response, next: NextFunction) => {
    const detached = detachedResponse(request, response);
    if (detached) {
      handle(request, detached);
      return;
    }
    calls.open(request, response);
    // Whoever keeps this connection for its next request should rather make a new one, elsewhere.
    if (drain.isDraining) response.shouldKeepAlive = false;
    if (tracer) {
      tracer.request(callOf(request), request, () => {
        enter(request, response, next);
      });
    } else enter(request, response, next);
  });
  if (!takesRequests(server.role)) app.use(refuseApiRequests);
  if (server.corsOrigins.length > 0) {
    app.enableCors({ origin: [...server.corsOrigins], exposedHeaders: EXPOSED_HEADERS, maxAge: 600 });
  }
}

const EXPOSED_HEADERS = [
  'x-request-id',
  'request-id',
  'x-conversation-id',
  'x-response-time',
  'x-trunkline-provider',
  'x-trunkline-model',
  'x-trunkline-attempts',
  'x-trunkline-route',
  'x-trunkline-cache',
  'x-trunkline-cost-usd',
  'x-trunkline-warnings',
  'retry-after',
  'retry-after-ms',
  'x-should-retry',
  'idempotent-replayed',
  'x-trunkline-original-request-id',
];

async function serveDocumentation(app: NestExpressApplication): Promise<void> {
  await SwaggerModule.loadPluginMetadata(loadMetadata);
  const document = createOpenApiDocument(app);
  SwaggerModule.setup('docs', app, document, {
    jsonDocumentUrl: 'openapi.json',
    raw: ['json'],
    customSiteTitle: 'Trunkline API',
    swaggerOptions: { persistAuthorization: true, displayRequestDuration: true },
  });
}

// Generated from the DTO files by the build and before the tests.
async function loadMetadata(): Promise<Record<string, unknown>> {
  let metadata: { default: () => Promise<Record<string, unknown>> };
  try {
    metadata = await import('./metadata.js');
  } catch (error) {
    throw new Error('The descriptions of the DTO classes (metadata.js) are missing. Run `npm run build`.', {
      cause: error,
    });
  }
  return metadata.default();
}

// How often Node looks for connections beyond those times; it can be set only before the server listens.
const CHECK_MS = 1_000;

function setTimeouts(server: Server & { connectionsCheckingInterval?: number }): void {
  server.connectionsCheckingInterval = CHECK_MS;
  server.headersTimeout = HEADERS_MS;
  server.requestTimeout = REQUEST_MS;
  server.keepAliveTimeout = KEEP_ALIVE_MS;
}
