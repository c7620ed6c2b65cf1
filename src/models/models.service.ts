import { Injectable } from '@nestjs/common';
import { Clock } from '../core/clock.js';
import { ProviderRegistry } from '../providers/provider-registry.js';
import type { ModelDto } from './model.dto.js';
import { renderModel } from './render-model.js';

/** The list of models as clients see it. */
@Injectable()
export class ModelsService {
  readonly #created: number;

  constructor(
    private readonly providers: ProviderRegistry,
    clock: Clock,
  ) {
    this.#created = Math.floor(clock.now() / 1000);
  }

  list(): ModelDto[] {
    return this.providers.models().map((model) => renderModel(model, this.#created));
  }

  /** The model of that name, under the name that was asked for. Throws `model_not_found`. */
  find(name: string): ModelDto {
    const models = this.providers.models();
    const [target] = this.providers.resolve(name).targets;
    const id = target ? `${target.provider}/${target.model}` : name;
    const known = models.find((model) => model.id === name) ?? models.find((model) => model.id === id);
    const described = known ?? { ...UNKNOWN, ownedBy: target?.provider ?? 'unknown', targets: [id] };
    return renderModel({ ...described, id: name }, this.#created);
  }
}

// A provider may serve models that nobody listed; their names work, and nothing more is known.
const UNKNOWN = {
  kind: 'chat',
  aliases: [],
  contextWindow: null,
  maxOutputTokens: null,
  dimensions: null,
  capabilities: null,
  pricing: null,
} as const;
