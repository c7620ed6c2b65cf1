import { assessComplexity } from '../complexity/assess-complexity.js';
import { inOrder, type RoutingStrategy } from './routing-strategy.js';

/** `auto`: simple requests go to the small models first and demanding ones to the large; the others are the fallback. */
export const orderByComplexity: RoutingStrategy = (candidates, { chat }) => {
  if (!chat) return inOrder(candidates);
  const { tier, reason } = assessComplexity(chat);
  const preferred = candidates.filter((candidate) => candidate.tier === tier);
  const others = candidates.filter((candidate) => candidate.tier !== tier);
  return { ...inOrder([...preferred, ...others]), reason: `auto; tier=${tier}; reason=${reason}` };
};
