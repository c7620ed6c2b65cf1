import 'reflect-metadata';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type * as SetupAppFile from '../../src/setup-app.js';
import type * as ConfigurationModuleFile from '../../src/config/configuration.module.js';
import type * as LoadProcessEnvironmentFile from '../../src/config/load-process-environment.js';
import type * as CoreServicesModuleFile from '../../src/core-services.module.js';
import type * as HttpModuleFile from '../../src/http/http.module.js';
import type * as ProvidersModuleFile from '../../src/providers/providers.module.js';
import type * as ChatServiceFile from '../../src/chat/chat.service.js';
import type * as ChatLayersFile from '../../src/chat/chat-layers.js';
import type * as IdempotencyGuardFile from '../../src/idempotency/idempotency.guard.js';
import type * as ProviderStateServiceFile from '../../src/chat/provider-state/provider-state.service.js';
import type * as CompletionsControllerFile from '../../src/chat-api/completions.controller.js';
import type * as UsageMeterFile from '../../src/usage/usage-meter.js';
import type * as TelemetryFile from '../../src/core/telemetry/telemetry.js';
import { idleParts } from './idle-parts.js';

const DIST = join(import.meta.dirname, '..', '..', 'dist');

class BareModule {
  readonly name = 'bare';
}

/**
 * Listens on PORT with nothing but the route of chat completions, the registry behind it and what every request passes:
 * no guard, no limits, no ledger, no metrics. A test harness for measurements, never a way to run the product.
 */
export async function startBare(): Promise<void> {
  const { setupApp } = await built<typeof SetupAppFile>('setup-app.js');
  const app = await NestFactory.create<NestExpressApplication>(await bareModule(), {
    bodyParser: false,
    abortOnError: false,
    logger: false,
  });
  await setupApp(app);
  await app.listen(Number(process.env.PORT), '127.0.0.1');
}

async function bareModule(): Promise<DynamicModule> {
  const [
    configuration,
    environment,
    core,
    http,
    providers,
    chat,
    layers,
    idempotency,
    state,
    completions,
    usage,
    telemetry,
    meter,
  ] = await Promise.all([
    built<typeof ConfigurationModuleFile>('config/configuration.module.js'),
    built<typeof LoadProcessEnvironmentFile>('config/load-process-environment.js'),
    built<typeof CoreServicesModuleFile>('core-services.module.js'),
    built<typeof HttpModuleFile>('http/http.module.js'),
    built<typeof ProvidersModuleFile>('providers/providers.module.js'),
    built<typeof ChatServiceFile>('chat/chat.service.js'),
    built<typeof ChatLayersFile>('chat/chat-layers.js'),
    built<typeof IdempotencyGuardFile>('idempotency/idempotency.guard.js'),
    built<typeof ProviderStateServiceFile>('chat/provider-state/provider-state.service.js'),
    built<typeof CompletionsControllerFile>('chat-api/completions.controller.js'),
    built<typeof UsageMeterFile>('usage/usage-meter.js'),
    built<typeof TelemetryFile>('core/telemetry/telemetry.js'),
    import('./no-meter.js'),
  ]);
  const { UsageMeter } = usage;
  const { Telemetry } = telemetry;
  const parts = await idleParts();
  return {
    module: BareModule,
    global: true,
    imports: [
      configuration.ConfigurationModule.forRoot(environment.loadProcessEnvironment()),
      core.CoreServicesModule,
      http.HttpModule,
      providers.ProvidersModule,
    ],
    controllers: [completions.CompletionsController],
    providers: [
      chat.ChatService,
      { provide: layers.ChatLayers, useValue: { list: [] } },
      { provide: idempotency.IdempotencyGuard, useValue: { canActivate: () => true } },
      // What it remembers lives in the database.
      { provide: state.ProviderStateService, useValue: { keepingOf: () => null } },
      { provide: UsageMeter, useValue: meter.noMeter },
      { provide: Telemetry, useValue: new Telemetry() },
      ...parts,
    ],
    exports: [UsageMeter, Telemetry, ...parts.map((part) => ('provide' in part ? part.provide : part))],
  };
}

// Node runs these files without a build, but not the decorators of the product's.
async function built<T>(path: string): Promise<T> {
  return (await import(pathToFileURL(join(DIST, path)).href)) as T;
}
