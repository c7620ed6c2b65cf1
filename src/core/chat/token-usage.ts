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

/** All completion tokens, reasoning and audio included. */
export function totalOutputTokens(usage: TokenUsage): number {
  return usage.output + usage.reasoning + usage.audioOutput;
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
  if (left.estimated === true || right.estimated === true) sum.estimated = true;
  return sum;
}
