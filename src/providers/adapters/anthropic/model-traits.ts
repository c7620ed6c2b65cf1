/** What the API takes from one generation of Claude models and refuses from another. */
export interface ModelTraits {
  /** Takes `thinking: adaptive` with an effort; the model decides how much to think. */
  readonly thinksAdaptively: boolean;
  /** Takes `thinking: enabled` with a number of tokens. */
  readonly takesThinkingBudget: boolean;
  /** Takes temperature, top_p and top_k. */
  readonly takesSampling: boolean;
  /** Takes temperature and top_p together. */
  readonly takesBothSamplings: boolean;
  readonly takesHighestEffort: boolean;
}

const ADAPTIVE_SINCE = 4.06;
const ADAPTIVE_ONLY_SINCE = 4.07;
const ONE_SAMPLING_SINCE = 4.01;

/**
 * The traits of a model by the generation in its name (`claude-opus-4-7`, `claude-3-5-haiku-latest`). A name that does not
 * tell is taken for an older generation: those take everything but adaptive thinking, and the API has the last word.
 */
export function modelTraits(model: string): ModelTraits {
  const generation = generationOf(model);
  return {
    thinksAdaptively: generation >= ADAPTIVE_SINCE,
    takesThinkingBudget: generation < ADAPTIVE_ONLY_SINCE,
    takesSampling: generation < ADAPTIVE_ONLY_SINCE,
    takesBothSamplings: generation < ONE_SAMPLING_SINCE,
    takesHighestEffort: generation >= ADAPTIVE_ONLY_SINCE,
  };
}

// 4.07 for `4-7`, so that `4-10` would come after `4-9`. A date (`claude-opus-4-20250514`) is no minor version.
function generationOf(model: string): number {
  const match = /claude-[a-z]+-(\d{1,2})(?:[-.](\d{1,2}))?(?!\d)/.exec(model);
  if (!match) return 0;
  return Number(match[1]) + Number(match[2] ?? 0) / 100;
}
