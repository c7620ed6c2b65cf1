import { Injectable } from '@nestjs/common';
import { GatewayConfig, type ProviderConfig } from '../config/gateway-config.js';
import { ProviderRegistry } from './provider-registry.js';

/** What models' names stand for, for whoever keeps what models gave. */
@Injectable()
export class ModelIdentities {
  readonly #places: ReadonlyMap<string, unknown>;

  constructor(
    gateway: GatewayConfig,
    private readonly registry: ProviderRegistry,
  ) {
    this.#places = new Map(gateway.providers.map((provider) => [provider.name, placeOf(provider)]));
  }

  /** The targets that the name stands for, as JSON: other targets, or others behind their names, are another text. Throws `model_not_found`. */
  of(model: string): string {
    const { targets } = this.registry.resolve(model);
    return JSON.stringify(targets.map((target) => [target.model, this.#places.get(target.provider)]));
  }
}

// What of a provider decides who answers; its keys and limits do not.
function placeOf({ name, type, baseUrl, headers, azure, vertex }: ProviderConfig): unknown {
  return [name, type, baseUrl, headers, azure, vertex && [vertex.project, vertex.location]];
}
