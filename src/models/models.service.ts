import { Injectable } from '@nestjs/common';
import { Clock } from '../core/clock.js';
import { AppError } from '../core/errors/app-error.js';
import { allowsModel } from '../core/model-patterns.js';
import type { Principal } from '../core/principal.js';
import type { ModelInfo } from '../providers/model-info.js';
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

  /** The models that the caller may use, each under the names that work for the caller. */
  list(principal: Principal): ModelDto[] {
    const models = this.providers.models();
    const allowed = principal.models === null ? models : this.#namesFor(principal, models);
    return allowed.map((model) => renderModel(model, this.#created));
  }

  /** The model of that name, under the name that was asked for. Throws `model_not_found` and `model_not_allowed`. */
  find(name: string, principal: Principal): ModelDto {
    const models = this.providers.models();
    const [target] = this.providers.resolve(name).targets;
    if (!this.#mayUse(principal, name)) {
      const message = `The key may not use "${name}". GET /v1/models lists what it may use.`;
      throw new AppError('model_not_allowed', message, { param: 'model' });
    }
    const id = target ? `${target.provider}/${target.model}` : name;
    const known = models.find((model) => model.id === name) ?? models.find((model) => model.id === id);
    const described = known ?? { ...UNKNOWN, ownedBy: target?.provider ?? 'unknown', targets: [id] };
    return renderModel({ ...described, id: name }, this.#created);
  }

  // What may be used only by its bare name is listed under that.
  #namesFor(principal: Principal, models: readonly ModelInfo[]): ModelInfo[] {
    const ids = new Set(models.map(({ id }) => id));
    return models.flatMap((model) => {
      const bareNames = model.aliases.filter((name) => !ids.has(name));
      const id = [model.id, ...bareNames].find((name) => this.#mayUse(principal, name));
      if (id === undefined) return [];
      return [{ ...model, id, aliases: model.aliases.filter((name) => name !== id && this.#mayUse(principal, name)) }];
    });
  }

  #mayUse(principal: Principal, name: string): boolean {
    if (principal.models === null) return true;
    const targets = this.providers.resolve(name).targets.map(({ provider, model }) => `${provider}/${model}`);
    return allowsModel(principal.models, name, targets);
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
