/** What is counted by other units than tokens; whole numbers that are not negative, those that are missing are zero. */
export interface UnitCounts {
  /** Images that were made. */
  image?: number;
  /** Seconds of sound, those that were begun counted whole. */
  audioInputSecond?: number;
  audioOutputSecond?: number;
  /** Characters that were read aloud. */
  character?: number;
  /** Searches that a reranker judged. */
  search?: number;
}

/** Token counts of one call in disjoint classes: the total is their sum. */
export interface TokenUsage {
  /** Prompt tokens that were neither read from nor written to a provider's prompt cache. */
  input: number;
  cachedInput: number;
  cacheWrite5m: number;
  cacheWrite1h: number;
  /** Completion tokens without reasoning. */
  output: number;
  reasoning: number;
  imageInput: number;
  audioInput: number;
  audioOutput: number;
  /** Of images that were made; missing where there were none. */
  imageOutput?: number;
  /** What was used besides tokens; missing where nothing was. */
  units?: UnitCounts;
  /** True when any of the numbers was counted by us instead of reported by the provider. */
  estimated?: boolean;
}

/** A usage with every class at zero, and what is given on top. */
export function tokenUsage(counts: Partial<TokenUsage> = {}): TokenUsage {
  return {
    input: 0,
    cachedInput: 0,
    cacheWrite5m: 0,
    cacheWrite1h: 0,
    output: 0,
    reasoning: 0,
    imageInput: 0,
    audioInput: 0,
    audioOutput: 0,
    ...counts,
  };
}

/** All prompt tokens, whatever class they were billed in. */
export function totalInputTokens(usage: TokenUsage): number {
  return (
    usage.input + usage.cachedInput + usage.cacheWrite5m + usage.cacheWrite1h + usage.imageInput + usage.audioInput
  );
}

/** All completion tokens, reasoning, audio and images included. */
export function totalOutputTokens(usage: TokenUsage): number {
  return usage.output + usage.reasoning + usage.audioOutput + (usage.imageOutput ?? 0);
}

/** Whether anything was used at all. */
export function isAnyUsed(usage: TokenUsage): boolean {
  if (totalInputTokens(usage) + totalOutputTokens(usage) > 0) return true;
  return usage.units !== undefined && Object.values(usage.units).some((count: number) => count > 0);
}

/** Adds two usages class by class; the sum is estimated when either part is. */
export function addUsage(left: TokenUsage, right: TokenUsage): TokenUsage {
  const sum = tokenUsage({
    input: left.input + right.input,
    cachedInput: left.cachedInput + right.cachedInput,
    cacheWrite5m: left.cacheWrite5m + right.cacheWrite5m,
    cacheWrite1h: left.cacheWrite1h + right.cacheWrite1h,
    output: left.output + right.output,
    reasoning: left.reasoning + right.reasoning,
    imageInput: left.imageInput + right.imageInput,
    audioInput: left.audioInput + right.audioInput,
    audioOutput: left.audioOutput + right.audioOutput,
  });
  const imageOutput = (left.imageOutput ?? 0) + (right.imageOutput ?? 0);
  if (imageOutput > 0) sum.imageOutput = imageOutput;
  if (left.units || right.units) sum.units = addUnits(left.units, right.units);
  if (left.estimated === true || right.estimated === true) sum.estimated = true;
  return sum;
}

function addUnits(left: UnitCounts = {}, right: UnitCounts = {}): UnitCounts {
  const sum = { ...left };
  for (const [name, count] of Object.entries(right) as [keyof UnitCounts, number][])
    sum[name] = (sum[name] ?? 0) + count;
  return sum;
}
