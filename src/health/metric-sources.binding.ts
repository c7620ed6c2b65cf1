import { Injectable, type OnModuleInit } from '@nestjs/common';
import { GatewayConfig } from '../config/gateway-config.js';
import { MetricSources } from '../core/telemetry/metric-sources.js';
import { JobQueue } from '../jobs/job-queue.js';
import { ModelCatalog } from '../providers/catalog/model-catalog.js';

/** Gives metrics the answers of the queue and of the model catalogue, neither of which knows them. */
@Injectable()
export class MetricSourcesBinding implements OnModuleInit {
  constructor(
    private readonly sources: MetricSources,
    private readonly queue: JobQueue,
    private readonly catalog: ModelCatalog,
    private readonly gateway: GatewayConfig,
  ) {}

  onModuleInit(): void {
    // By exact name: the catalogue also finds a model by any date behind its name, of which clients may think up many.
    const known = new Set<string>();
    for (const provider of this.gateway.providers) {
      for (const entry of this.catalog.list(provider.type)) known.add(`${provider.name}/${entry.model}`);
    }
    this.sources.queueDepths = () => this.queue.depths();
    this.sources.isKnownModel = (provider, model) => known.has(`${provider}/${model}`);
  }
}
