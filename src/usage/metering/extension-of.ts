import { MONEY_DIGITS, toMoney, toScaled } from '../../core/money.js';
import type { Admission } from './admission.js';

/**
 * What must be reserved on top before another attempt: what the attempts so far cost is not there for it any more. `costs`
 * are theirs; null when nothing is missing.
 */
export function extensionOf(
  { grant, extendedUsd }: Pick<Admission, 'grant' | 'extendedUsd'>,
  costs: readonly (string | null)[],
): string | null {
  const spent = costs.reduce((sum, costUsd) => sum + toScaled(costUsd ?? grant.boundUsd, MONEY_DIGITS), 0n);
  const missing = spent - toScaled(extendedUsd, MONEY_DIGITS);
  return missing > 0n ? toMoney(missing, MONEY_DIGITS) : null;
}
