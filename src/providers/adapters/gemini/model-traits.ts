/** How a model is told to think: not at all, by a number of tokens, or by a level. */
export type ThinkingControl = 'none' | 'budget' | 'level';

/** What the API takes from one generation of Gemini models and refuses from another. */
export interface ModelTraits {
  readonly thinking: ThinkingControl;
  /** The fewest and the most tokens of thinking, where it is told by their number. */
  readonly leastBudget: number;
  readonly mostBudget: number;
  readonly canStopThinking: boolean;
  readonly takesMinimalLevel: boolean;
  readonly takesMediumLevel: boolean;
  /** Refuses a function call in the history whose thought signature is missing. */
  readonly wantsSignatures: boolean;
  /** Takes images inside of the result of a function. */
  readonly takesMediaInResults: boolean;
  /** Takes a response format together with functions. */
  readonly takesFormatWithTools: boolean;
  /** Takes presence and frequency penalties. */
  readonly takesPenalties: boolean;
  /** Heeds temperature, top-p and top-k. */
  readonly takesSampling: boolean;
  /** Goes on with an answer that the conversation ends with. */
  readonly takesPrefill: boolean;
}

const THINKING_SINCE = 2.05;
const LEVELS_SINCE = 3;
const PRO_MEDIUM_SINCE = 3.01;
const NO_PENALTIES_SINCE = 3.05;
/** The one `lite` model of the generation before follows the same rules already. */
const OWN_SAMPLING_SINCE = 3.06;
const NO_MINIMAL_SINCE = 3.07;
/** Names such as `gemini-flash-latest` move along with the generations. */
const LATEST = 3.08;

/**
 * The traits of a model by the generation in its name (`gemini-2.5-flash`, `gemini-3-pro-preview`). A name that does not
 * tell is taken for an older generation that thinks by a number of tokens: the API has the last word.
 */
export function modelTraits(model: string): ModelTraits {
  const generation = generationOf(model);
  const isPro = model.includes('-pro');
  const isNew = generation >= LEVELS_SINCE;
  const hasOwnSampling = generation >= OWN_SAMPLING_SINCE || model.includes('gemini-3.5-flash-lite');
  return {
    thinking: thinkingOf(generation),
    ...budgetsOf(model, generation),
    takesMinimalLevel: !isPro && generation < NO_MINIMAL_SINCE,
    takesMediumLevel: !isPro || generation >= PRO_MEDIUM_SINCE,
    wantsSignatures: isNew,
    takesMediaInResults: isNew,
    takesFormatWithTools: isNew,
    takesPenalties: generation < NO_PENALTIES_SINCE,
    takesSampling: !hasOwnSampling,
    takesPrefill: !hasOwnSampling,
  };
}

function thinkingOf(generation: number): ThinkingControl {
  if (generation >= LEVELS_SINCE) return 'level';
  return generation === 0 || generation >= THINKING_SINCE ? 'budget' : 'none';
}

function budgetsOf(
  model: string,
  generation: number,
): Pick<ModelTraits, 'leastBudget' | 'mostBudget' | 'canStopThinking'> {
  if (generation === 0) return { leastBudget: 1, mostBudget: Infinity, canStopThinking: true };
  if (model.includes('-pro')) return { leastBudget: 128, mostBudget: 32_768, canStopThinking: false };
  return { leastBudget: model.includes('-lite') ? 512 : 1, mostBudget: 24_576, canStopThinking: true };
}

// 2.05 for `2.5`, so that `3.10` would come after `3.9`.
function generationOf(model: string): number {
  const match = /gemini-(\d{1,2})(?:[.-](\d{1,2}))?(?!\d)/.exec(model);
  if (match) return Number(match[1]) + Number(match[2] ?? 0) / 100;
  return /gemini-[a-z-]*latest$/.test(model) ? LATEST : 0;
}
