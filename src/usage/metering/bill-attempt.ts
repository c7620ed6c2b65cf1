import type { Attempt } from '../../core/attempt.js';
import { isAnyUsed, tokenUsage, type TokenUsage, type UnitCounts } from '../../core/chat/token-usage.js';

/** What we counted ourselves for the request that an attempt served. */
export interface Estimate {
  promptTokens(): number;
  /** Tokens of the part of an answer that has `characters` UTF-16 units. */
  deliveredTokens(characters: number): { output: number; reasoning: number };
  /** What the whole of it uses at the provider, where that does not depend on how far an answer came; null where it does. */
  countedUsage?(provider: string): TokenUsage | null;
  /** What was reported, with what it leaves out though that is what is billed. */
  completedUsage?(reported: TokenUsage, target: Pick<Attempt, 'provider' | 'model'>): TokenUsage;
}

// Past the longest context of any model by far: what reports more has a bug, and we count ourselves.
const MOST_TOKENS = 1_000_000_000;

/** Tells whether a provider's numbers can be meant: whole, not negative, not astronomical, and not all zero. */
export function isPlausibleUsage(usage: TokenUsage): boolean {
  const { estimated: _, units, ...classes } = usage;
  const areCounts = Object.values(classes).every(isCount) && (!units || Object.values(units).every(isCount));
  return areCounts && isAnyUsed(usage);
}

function isCount(number: number): boolean {
  return Number.isSafeInteger(number) && number >= 0 && number <= MOST_TOKENS;
}

/**
 * The tokens an attempt is billed for; null when it costs nothing. A success costs what the provider reported, else what
 * was counted. What failed after output, and whatever was ended from our side though the provider may have been at work,
 * costs its prompt and what was delivered, estimated. Nothing else that failed costs anything.
 */
export function billAttempt(attempt: Attempt, estimate: Estimate): TokenUsage | null {
  const reported = reportedUsage(attempt, estimate);
  const isWhole = reported?.estimated !== true || estimate.completedUsage !== undefined;
  if (attempt.outcome === 'succeeded' && isWhole) return reported ?? countedUsage(attempt, estimate);
  if (attempt.outcome !== 'succeeded' && attempt.deliveredCharacters === 0 && !mayHaveWorked(attempt)) return null;
  const counted = countedUsage(attempt, estimate);
  return reported ? cutUsage(reported, counted) : counted;
}

/** Of each unit the larger number. */
function mostUnits(left: UnitCounts, right: UnitCounts): UnitCounts {
  const most = { ...left };
  for (const [name, count] of Object.entries(right) as [keyof UnitCounts, number][])
    most[name] = Math.max(most[name] ?? 0, count);
  return most;
}

function reportedUsage(attempt: Attempt, estimate: Estimate): TokenUsage | null {
  const { usage } = attempt;
  if (!usage || !isPlausibleUsage(usage)) return null;
  return estimate.completedUsage?.(usage, attempt) ?? usage;
}

// Without output: whether the provider may have been at work all the same when we left it.
function mayHaveWorked({ outcome, errorKind, wasSent, hasResponded }: Attempt): boolean {
  if (!wasSent) return false;
  if (outcome !== 'failed') return true;
  // It took the request and never said a word; or it said far more than we take.
  return (errorKind === 'timeout' && !hasResponded) || errorKind === 'too-large';
}

function countedUsage(attempt: Attempt, estimate: Estimate): TokenUsage {
  const whole = estimate.countedUsage?.(attempt.provider);
  if (whole) return { ...whole, estimated: true };
  const delivered = estimate.deliveredTokens(attempt.deliveredCharacters);
  const input = estimate.promptTokens() + (attempt.addedPromptTokens ?? 0);
  return tokenUsage({ input, ...delivered, estimated: true });
}

// Some providers report the prompt, and its cache classes, before the answer: that part is better than our count. Of the
// output they had reported only what they had produced by then.
function cutUsage(reported: TokenUsage, counted: TokenUsage): TokenUsage {
  return {
    ...reported,
    output: Math.max(reported.output, counted.output),
    reasoning: Math.max(reported.reasoning, counted.reasoning),
    // Of several images the first ones are reported while the others are made.
    ...(counted.imageOutput !== undefined && {
      imageOutput: Math.max(reported.imageOutput ?? 0, counted.imageOutput),
    }),
    ...(counted.units && { units: mostUnits(reported.units ?? {}, counted.units) }),
    estimated: true,
  };
}
