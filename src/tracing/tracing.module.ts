import { type DynamicModule, Module, type OnApplicationShutdown } from '@nestjs/common';
import { TracingConfig } from '../config/tracing-config.js';
import { Clock } from '../core/clock.js';
import { Telemetry } from '../core/telemetry/telemetry.js';
import { Tracing } from '../core/telemetry/tracing.js';

/** Binds Tracing for the whole application. While it is off, nothing of OpenTelemetry is loaded. */
@Module({})
export class TracingModule implements OnApplicationShutdown {
  constructor(private readonly tracing: Tracing) {}

  /** The module of a build of this version; global. */
  static forRoot(version: string): DynamicModule {
    return {
      module: TracingModule,
      global: true,
      providers: [
        {
          provide: Tracing,
          useFactory: async (config: TracingConfig, clock: Clock, telemetry: Telemetry): Promise<Tracing> => {
            if (!config.export) return new Tracing();
            const { openTracing } = await import('./open-tracing.js');
            return openTracing(config.export, { clock, telemetry, version });
          },
          inject: [TracingConfig, Clock, Telemetry],
        },
      ],
      exports: [Tracing],
    };
  }

  // Spans end until everything else is over.
  async onApplicationShutdown(): Promise<void> {
    await this.tracing.close();
  }
}
