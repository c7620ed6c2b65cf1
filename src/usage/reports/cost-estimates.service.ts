import { Injectable } from '@nestjs/common';
import { addUsage, tokenUsage, totalInputTokens } from '../../core/chat/token-usage.js';
import { AppError } from '../../core/errors/app-error.js';
import { allowsModel } from '../../core/model-patterns.js';
import { addMoney, MONEY_DIGITS, NO_MONEY, toMoney, toScaled } from '../../core/money.js';
import type { Principal } from '../../core/principal.js';
import { ProviderRegistry } from '../../providers/provider-registry.js';
import { PriceBook } from '../pricing/price-book.js';
import { type ConversationShape, usageOfTurns } from './conversation-usage.js';

/** A month of estimates. */
export const DAYS_PER_MONTH = 30;

/** USD with ten places; all null when the price is not known. */
export interface EstimatedCost {
  readonly perConversationUsd: string | null;
  readonly dailyUsd: string | null;
  readonly monthlyUsd: string | null;
}

export interface TargetEstimate extends EstimatedCost {
  readonly provider: string;
  readonly model: string;
}

/** A model's cost is that of its first target; the others serve when that cannot. */
export interface ModelEstimate extends EstimatedCost {
  readonly model: string;
  readonly targets: readonly TargetEstimate[];
}

/** What conversations would cost. */
@Injectable()
export class CostEstimates {
  constructor(
    private readonly registry: ProviderRegistry,
    private readonly prices: PriceBook,
  ) {}

  /** The aliases that the principal may use for chat. */
  usualModels(principal: Principal): string[] {
    return this.registry
      .models()
      .filter(({ id, kind, ownedBy, targets }) => {
        const isChatAlias = ownedBy === 'trunkline' && kind === 'chat';
        return isChatAlias && allowsModel(principal.models, id, targets);
      })
      .map(({ id }) => id);
  }

  /** Throws `model_not_found` or `model_not_allowed`. */
  estimate(name: string, shape: ConversationShape, conversationsPerDay: number, principal: Principal): ModelEstimate {
    const { targets } = this.registry.resolve(name);
    if (
      !allowsModel(
        principal.models,
        name,
        targets.map(({ provider, model }) => `${provider}/${model}`),
      )
    ) {
      throw new AppError('model_not_allowed', `The key may not use "${name}". GET /v1/models lists what it may use.`, {
        param: 'models',
      });
    }
    const turns = usageOfTurns(shape);
    const estimates = targets.map(({ provider, model }): TargetEstimate => {
      const costs = turns.map((usage) => this.prices.costOf(provider, model, usage));
      return { provider, model, ...toCost(costs, conversationsPerDay) };
    });
    const [first] = estimates;
    return {
      model: name,
      perConversationUsd: first?.perConversationUsd ?? null,
      dailyUsd: first?.dailyUsd ?? null,
      monthlyUsd: first?.monthlyUsd ?? null,
      targets: estimates,
    };
  }
}

/** The tokens of a whole conversation. */
export function tokensOf(shape: ConversationShape): { input: number; cachedInput: number; output: number } {
  const usage = usageOfTurns(shape).reduce(addUsage, tokenUsage());
  return { input: totalInputTokens(usage), cachedInput: usage.cachedInput, output: usage.output };
}

function toCost(costs: readonly (string | null)[], conversationsPerDay: number): EstimatedCost {
  const known = costs.filter((cost) => cost !== null);
  if (known.length < costs.length) return { perConversationUsd: null, dailyUsd: null, monthlyUsd: null };
  const perConversationUsd = known.reduce(addMoney, NO_MONEY);
  const dailyUsd = times(perConversationUsd, conversationsPerDay);
  return { perConversationUsd, dailyUsd, monthlyUsd: times(dailyUsd, DAYS_PER_MONTH) };
}

function times(amountUsd: string, count: number): string {
  return toMoney(toScaled(amountUsd, MONEY_DIGITS) * BigInt(count), MONEY_DIGITS);
}
