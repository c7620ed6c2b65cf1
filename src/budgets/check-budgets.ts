import { InvalidRequestError } from '../core/errors/app-error.js';
import { MODEL_PATTERN } from '../core/model-patterns.js';
import { MONEY_DIGITS, toMoney, toScaled } from '../core/money.js';
import { BUDGET_WINDOWS, type BudgetWindow } from '../core/principal.js';

/** A budget as somebody wants it. */
export interface WantedBudget {
  readonly window: string;
  /** USD; a number or a decimal string with up to ten places. */
  readonly amountUsd: string | number;
  /** An IANA name; UTC when absent. */
  readonly timeZone?: string | null;
  /** The only model that it counts, by name or pattern; all when absent. */
  readonly model?: string | null;
}

/** A budget that can be kept. */
export interface CheckedBudget {
  readonly window: BudgetWindow;
  /** USD with ten places. */
  readonly amountUsd: string;
  readonly timeZone: string;
  readonly model: string | null;
}

/** More would be looked at with every request. */
export const MOST_BUDGETS = 20;

const MOST_USD = 1_000_000_000n * 10n ** BigInt(MONEY_DIGITS);
const TIME_ZONE = /^[A-Za-z][A-Za-z0-9_+-]*(?:\/[A-Za-z0-9_+-]+){0,2}$/;
const UTC_NAMES = /^(?:etc\/)?(?:utc|gmt|zulu|universal)$/i;
const MOST_CHARACTERS = 300;

/**
 * The budgets with what they left out filled in. Throws `invalid_value` or `array_too_long` with the path below `path` of what
 * is wrong: a window that is none, an amount that cannot be kept exactly, an unknown time zone, a malformed model pattern, or
 * two budgets that differ in nothing but the amount.
 */
export function checkBudgets(wanted: readonly WantedBudget[], path = 'budgets'): CheckedBudget[] {
  if (wanted.length > MOST_BUDGETS) {
    throw new InvalidRequestError(
      'array_too_long',
      `\`${path}\` has ${String(wanted.length)} budgets; at most ${String(MOST_BUDGETS)} are possible.`,
      { param: path },
    );
  }
  const seen = new Set<string>();
  return wanted.map((budget, index) => {
    const place = `${path}[${String(index)}]`;
    const checked = checkBudget(budget, place);
    const identity = JSON.stringify([checked.window, checked.timeZone, checked.model]);
    if (seen.has(identity)) {
      throw wrong(place, 'has the window, time zone and model of another one in the list. Keep one of the two.');
    }
    seen.add(identity);
    return checked;
  });
}

function checkBudget(budget: WantedBudget, place: string): CheckedBudget {
  const window = BUDGET_WINDOWS.find((name) => name === budget.window);
  if (!window) throw wrong(`${place}.window`, `must be one of ${BUDGET_WINDOWS.join(', ')}.`);
  return {
    window,
    amountUsd: checkAmount(budget.amountUsd, `${place}.amount_usd`),
    timeZone: checkTimeZone(budget.timeZone ?? 'UTC', window, `${place}.time_zone`),
    model: checkModel(budget.model ?? null, `${place}.model`),
  };
}

function checkAmount(amountUsd: string | number, param: string): string {
  const text = String(amountUsd);
  if (!/^\d{1,30}(?:\.\d{1,30})?(?:e[+-]?\d{1,2})?$/.test(text)) {
    throw wrong(param, 'must be an amount of US dollars that is not negative, such as 25 or "0.50".');
  }
  const exact = toScaled(text, MONEY_DIGITS * 12);
  const scaled = toScaled(text, MONEY_DIGITS);
  if (scaled * 10n ** BigInt(MONEY_DIGITS * 11) !== exact) {
    throw wrong(param, `must have at most ${String(MONEY_DIGITS)} decimal places.`);
  }
  if (scaled > MOST_USD) throw wrong(param, 'must be at most 1000000000.');
  return toMoney(scaled, MONEY_DIGITS);
}

// What lasts for ever begins at no midnight.
function checkTimeZone(name: string, window: BudgetWindow, param: string): string {
  const known = resolveTimeZone(name);
  if (!known) throw wrong(param, 'must be the IANA name of a time zone, such as "UTC" or "Europe/Berlin".');
  if (window === 'total' || UTC_NAMES.test(name)) return 'UTC';
  // The usual letters, but never another name of the same zone.
  return known.toLowerCase() === name.toLowerCase() ? known : name;
}

function resolveTimeZone(name: string): string | null {
  if (!TIME_ZONE.test(name)) return null;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone;
  } catch {
    return null;
  }
}

function checkModel(model: string | null, param: string): string | null {
  if (model === null) return null;
  if (model.length > MOST_CHARACTERS || !MODEL_PATTERN.test(model)) {
    throw wrong(param, 'must be the name of a model, or the beginning of names with a `*` behind it.');
  }
  return model;
}

function wrong(param: string, rest: string): InvalidRequestError {
  return new InvalidRequestError('invalid_value', `\`${param}\` ${rest}`, { param });
}
