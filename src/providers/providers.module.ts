import { Global, Module, type OnApplicationShutdown } from '@nestjs/common';
import { GatewayConfig } from '../config/gateway-config.js';
import { Clock } from '../core/clock.js';
import { LiveInstances } from '../core/live-instances.js';
import { createAdapter } from './adapters/adapter-factories.js';
import { CatalogFile } from './catalog/catalog-file.service.js';
import { ModelCatalog } from './catalog/model-catalog.js';
import { createProviderRegistry } from './create-provider-registry.js';
import { ModelIdentities } from './model-identities.js';
import { ProviderRegistry } from './provider-registry.js';
import { ProviderWatch } from './provider-watch.js';
import { HttpTransport } from './transport/http-transport.js';

/** Gives every feature the providers: one registry over one pool of connections. */
@Global()
@Module({
  providers: [
    CatalogFile,
    { provide: ModelCatalog, useFactory: ({ catalog }: CatalogFile) => catalog, inject: [CatalogFile] },
    ModelIdentities,
    ProviderWatch,
    { provide: HttpTransport, useFactory: (clock: Clock) => new HttpTransport(clock), inject: [Clock] },
    {
      provide: ProviderRegistry,
      useFactory: (
        config: GatewayConfig,
        catalog: ModelCatalog,
        transport: HttpTransport,
        watch: ProviderWatch,
        liveInstances: LiveInstances,
      ) =>
        createProviderRegistry({
          config,
          catalog,
          clock: transport.clock,
          watch,
          createAdapter: (provider) => createAdapter(provider, transport),
          liveInstances: () => liveInstances.count,
        }),
      inject: [GatewayConfig, ModelCatalog, HttpTransport, ProviderWatch, LiveInstances],
    },
  ],
  exports: [CatalogFile, ModelCatalog, ModelIdentities, ProviderRegistry],
})
export class ProvidersModule implements OnApplicationShutdown {
  constructor(private readonly transport: HttpTransport) {}

  /** By now every answer is over: the connections that were kept alive may go. */
  async onApplicationShutdown(): Promise<void> {
    await this.transport.close();
  }
}
