import type { Routing } from '../../../config/gateway-config.js';
import { orderByComplexity } from './order-by-complexity.js';
import { orderByLatency } from './order-by-latency.js';
import { orderByPrice } from './order-by-price.js';
import { orderByWeight } from './order-by-weight.js';
import { inOrder, type RoutingStrategy } from './routing-strategy.js';

/** Every strategy by its name in the models file; `random` gives numbers from 0 up to 1. */
export function createStrategies(random: () => number): Readonly<Record<Routing, RoutingStrategy>> {
  return {
    priority: inOrder,
    weighted: orderByWeight(random),
    latency: orderByLatency(random),
    price: orderByPrice,
    auto: orderByComplexity,
  };
}
