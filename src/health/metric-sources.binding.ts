import { Injectable, type OnModuleInit } from '@nestjs/common';
import { GatewayConfig } from '../config/gateway-config.js';
import { MetricSources } from '../core/telemetry/metric-sources.js';
import { JobQueue } from '../jobs/job-queue.js';
import { knownModelsOf } from '../providers/catalog/catalog-model.js';
import { ModelCatalog } from '../providers/catalog/model-catalog.js';
import { ProviderRegistry } from '../providers/provider-registry.js';

/** Gives metrics the answers of the queue, the model catalogue and the providers, none of which knows them. */
@Injectable()
export class MetricSourcesBinding implements OnModuleInit {
  constructor(
    private readonly sources: MetricSources,
    private readonly queue: JobQueue,
    private readonly catalog: ModelCatalog,
    private readonly gateway: GatewayConfig,
    private readonly registry: ProviderRegistry,
  ) {}

  onModuleInit(): void {
    // By exact name: the catalogue also finds a model by any date behind its name, of which clients may think up many.
    const known = new Set<string>();
    for (const provider of this.gateway.providers) {
      for (const model of knownModelsOf(provider, this.catalog)) known.add(`${provider.name}/${model}`);
    }
    this.sources.providers = () => this.registry.gauges();
    this.sources.queueDepths = () => this.queue.depths();
    this.sources.isKnownModel = (provider, model) => known.has(`${provider}/${model}`);
  }
}
