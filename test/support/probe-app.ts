import type { IncomingMessage } from 'node:http';
import { APP_GUARD } from '@nestjs/core';
import { AdmissionDoor } from '../../src/admission/admission-door.js';
import { UNLIMITED } from '../../src/core/principal.js';
import { callOf } from '../../src/http/call-of.js';
import type { AddressInfo } from 'node:net';
import { expect } from '@jest/globals';
import {
  Body,
  Controller,
  Get,
  Global,
  HttpCode,
  Module,
  Post,
  Query,
  ServiceUnavailableException,
  type ExecutionContext,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { IsIn, IsInt, IsString, Min } from 'class-validator';
import { CompletionsController } from '../../src/chat-api/completions.controller.js';
import { NativeChatController } from '../../src/chat-api/native-chat.controller.js';
import { NativeChatService } from '../../src/chat-api/native-chat.service.js';
import { ChatService } from '../../src/chat/chat.service.js';
import { ServerConfig } from '../../src/config/server-config.js';
import { Clock, SystemClock } from '../../src/core/clock.js';
import { ConversationsService } from '../../src/conversations/conversations.service.js';
import { DrainState } from '../../src/core/drain-state.js';
import { AppError } from '../../src/core/errors/app-error.js';
import { Telemetry } from '../../src/core/telemetry/telemetry.js';
import { EmbeddingsController } from '../../src/embeddings/embeddings.controller.js';
import { EmbeddingsService } from '../../src/embeddings/embeddings.service.js';
import { HttpModule } from '../../src/http/http.module.js';
import { IdempotencyGuard } from '../../src/idempotency/idempotency.guard.js';
import { ModelsController } from '../../src/models/models.controller.js';
import { ModelsService } from '../../src/models/models.service.js';
import { MetricSources } from '../../src/core/telemetry/metric-sources.js';
import { Tracing } from '../../src/core/telemetry/tracing.js';
import { ProviderRegistry } from '../../src/providers/provider-registry.js';
import { ToolLoop } from '../../src/tools/tool-loop.service.js';
import { setupApp } from '../../src/setup-app.js';
import { ScriptedChat, SCRIPTED_EMBEDDINGS, SCRIPTED_REGISTRY } from './scripted-services.js';

/** Bytes of the largest body that the probe takes. */
export const PROBE_BODY_LIMIT = 100_000;

class ProbeBody {
  @IsString()
  name!: string;

  @IsInt()
  @Min(1)
  size!: number;
}

class ProbeQuery {
  @IsIn(['asc', 'desc'])
  order!: string;
}

@Controller('v1/probe')
class ProbeController {
  @Post()
  @HttpCode(200)
  take(@Body() body: ProbeBody): ProbeBody {
    return body;
  }

  @Get('list')
  list(@Query() query: ProbeQuery): ProbeQuery {
    return query;
  }

  @Get('fault')
  fault(): never {
    throw new Error('a secret of the database');
  }

  @Get('limited')
  limited(): never {
    throw new AppError('rate_limit_exceeded', 'Wait.', { retryAfterMs: 1_500 });
  }

  @Get('spent')
  spent(): never {
    throw new AppError('upstream_overloaded', 'Later.', { shouldRetry: false });
  }

  @Get('locked')
  locked(): never {
    throw new AppError('invalid_api_key', 'Use another key.');
  }
}

@Controller('health/ready')
class ProbeHealthController {
  @Get()
  ready(): never {
    throw new ServiceUnavailableException({ status: 'error', info: {}, error: { database: { status: 'down' } } });
  }
}

const SERVER: ServerConfig = {
  host: '127.0.0.1',
  workers: 1,
  role: 'both',
  port: 0,
  logLevel: 'silent',
  bodyLimitBytes: PROBE_BODY_LIMIT,
  corsOrigins: ['https://app.example'],
  trustProxy: false,
  drainSeconds: 0,
  drainGraceSeconds: 0,
  metricsAuth: false,
  commitMs: 10_000,
};

class KeepingTelemetry extends Telemetry {
  readonly finished: { method: string; route: string; status: number }[] = [];

  override requestFinished({ method, route, status }: { method: string; route: string; status: number }): void {
    this.finished.push({ method, route, status });
  }
}

const PRINCIPAL = { keyId: 'key_probe', projectId: 'proj_default', scopes: [], ...UNLIMITED };

/** Everybody is the same somebody. */
const GUARD = {
  canActivate: (context: ExecutionContext): boolean => {
    callOf(context.switchToHttp().getRequest<IncomingMessage>()).authenticate(PRINCIPAL);
    return true;
  },
};

// Nothing is stored, so no request belongs to anything.
const NO_CONVERSATIONS: Pick<ConversationsService, 'answer'> = { answer: (request, _call, ask) => ask(request.chat) };

const OPEN_DOOR: Pick<AdmissionDoor, 'enter'> = {
  enter: (_request, _response, next) => {
    next();
  },
};

const SERVICES = [
  { provide: ServerConfig, useValue: SERVER },
  { provide: Clock, useClass: SystemClock },
  DrainState,
  MetricSources,
  Tracing,
  { provide: Telemetry, useClass: KeepingTelemetry },
  { provide: ChatService, useClass: ScriptedChat },
  { provide: EmbeddingsService, useValue: SCRIPTED_EMBEDDINGS },
  { provide: ProviderRegistry, useValue: SCRIPTED_REGISTRY },
  // Without a database nothing is kept: answers to requests with a key only pass through the relay.
  { provide: IdempotencyGuard, useValue: { canActivate: () => true } },
  { provide: ConversationsService, useValue: NO_CONVERSATIONS },
  // No request asks for tools of the server.
  { provide: ToolLoop, useValue: {} },
  // Everybody is let in.
  { provide: AdmissionDoor, useValue: OPEN_DOOR },
  NativeChatService,
  ModelsService,
];

@Global()
@Module({
  imports: [HttpModule],
  controllers: [
    ProbeController,
    ProbeHealthController,
    CompletionsController,
    NativeChatController,
    EmbeddingsController,
    ModelsController,
  ],
  providers: [...SERVICES, { provide: APP_GUARD, useValue: GUARD }],
  exports: SERVICES,
})
class ProbeModule {}

/** The real HTTP layer on a free port, over services that say what a test wants, with no keys and no database. */
export class ProbeApp {
  readonly #app: NestExpressApplication;
  readonly origin: string;

  private constructor(app: NestExpressApplication) {
    this.#app = app;
    this.origin = `http://127.0.0.1:${String((app.getHttpServer().address() as AddressInfo).port)}`;
  }

  static async start(): Promise<ProbeApp> {
    const app = await NestFactory.create<NestExpressApplication>(ProbeModule, {
      bodyParser: false,
      logger: false,
      abortOnError: false,
    });
    await setupApp(app);
    await app.listen(0, '127.0.0.1');
    return new ProbeApp(app);
  }

  get chat(): ScriptedChat {
    return this.#app.get<ChatService, ScriptedChat>(ChatService);
  }

  /** The requests that are over, oldest first. */
  get finished(): { method: string; route: string; status: number }[] {
    return this.#app.get<Telemetry, KeepingTelemetry>(Telemetry).finished;
  }

  get(path: string, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(this.origin + path, { headers });
  }

  /** Posts JSON; texts and bytes go as they are. */
  post(path: string, body: unknown, headers: Record<string, string> = {}, signal?: AbortSignal): Promise<Response> {
    const isRaw = typeof body === 'string' || body instanceof Uint8Array;
    return fetch(this.origin + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: (isRaw ? body : JSON.stringify(body)) as string,
      signal,
    });
  }

  close(): Promise<void> {
    return this.#app.close();
  }
}

/** The error in an answer, which must have all the members that clients read. */
export async function errorOf(response: Response): Promise<Record<string, unknown>> {
  expect(response.headers.get('content-type')).toContain('application/json');
  const { error } = (await response.json()) as { error: Record<string, unknown> };
  expect(Object.keys(error)).toEqual(expect.arrayContaining(['message', 'type', 'param', 'code']));
  return error;
}
