/** How a model is told not to think: by saying nothing, by one of two words, or not at all. */
export type ThinkingOff = 'omitted' | 'disabled' | 'between_tools' | 'impossible';

/** What the API takes from one generation of Claude models and refuses from another. */
export interface ModelTraits {
  /** Takes `thinking: adaptive` with an effort; the model decides how much to think. */
  readonly thinksAdaptively: boolean;
  /** Takes `thinking: enabled` with a number of tokens. */
  readonly takesThinkingBudget: boolean;
  /** Thinks unless it is told not to. */
  readonly thinksByDefault: boolean;
  readonly thinkingOff: ThinkingOff;
  /** Takes thinking back only where nothing before it has changed, unless it is told to drop what it cannot take. */
  readonly bindsThinking: boolean;
  /** Takes temperature, top_p and top_k. */
  readonly takesSampling: boolean;
  /** Takes temperature and top_p together. */
  readonly takesBothSamplings: boolean;
  readonly takesHighestEffort: boolean;
  /** Takes a tool choice that leaves the model no choice. */
  readonly takesForcedTools: boolean;
  /** Goes on with an answer that the last message begins. */
  readonly takesPrefill: boolean;
  /** Enforces JSON schemas, of answers and of strict tools. */
  readonly takesSchemas: boolean;
}

const ONE_SAMPLING_SINCE = 4.01;
const SCHEMAS_SINCE = 4.05;
const ADAPTIVE_SINCE = 4.06;
const ADAPTIVE_ONLY_SINCE = 4.07;
const THINKING_SINCE = 5;
/** The families that never stop thinking were the first to bind their thoughts and to refuse forced tools. */
const ALWAYS_THINKING = new Set(['fable', 'mythos']);
const BOUND_SINCE = 5.05;
const BOUND_SINCE_ALWAYS_THINKING = 5.01;

/**
 * The traits of a model by the family and the generation in its name (`claude-opus-4-7`, `claude-3-5-haiku-latest`). A name
 * that does not tell is taken for an older generation: those take everything but the newest, and the API has the last word.
 */
export function modelTraits(model: string): ModelTraits {
  const { family, generation } = nameOf(model);
  const alwaysThinks = ALWAYS_THINKING.has(family);
  const isBound = generation >= (alwaysThinks ? BOUND_SINCE_ALWAYS_THINKING : BOUND_SINCE);
  return {
    thinksAdaptively: generation >= ADAPTIVE_SINCE,
    takesThinkingBudget: generation < ADAPTIVE_ONLY_SINCE,
    thinksByDefault: generation >= THINKING_SINCE,
    thinkingOff: thinkingOffOf(family, generation, isBound),
    bindsThinking: isBound,
    takesSampling: generation < ADAPTIVE_ONLY_SINCE,
    takesBothSamplings: generation < ONE_SAMPLING_SINCE,
    takesHighestEffort: generation >= ADAPTIVE_ONLY_SINCE,
    takesForcedTools: !alwaysThinks && !(isBound && family !== 'haiku'),
    takesPrefill: generation < ADAPTIVE_SINCE,
    takesSchemas: generation >= SCHEMAS_SINCE,
  };
}

function thinkingOffOf(family: string, generation: number, isBound: boolean): ThinkingOff {
  if (generation < THINKING_SINCE) return 'omitted';
  if (ALWAYS_THINKING.has(family)) return 'impossible';
  if (!isBound || family === 'haiku') return 'disabled';
  return family === 'sonnet' ? 'between_tools' : 'impossible';
}

/**
 * Whether two names are of one model, whatever date or alias follows. A name that does not tell is taken for the same:
 * somebody calls the model by a name of their own.
 */
export function isSameModel(left: string, right: string): boolean {
  const [one, other] = [versionOf(left), versionOf(right)];
  return one === null || other === null || one === other;
}

const NEWER = /claude-([a-z]+)-(\d{1,2})(?:[-.](\d{1,2}))?(?!\d)/;
const OLDER = /claude-(\d{1,2})(?:[-.](\d{1,2}))?-([a-z]+)/;

function versionOf(model: string): string | null {
  const newer = NEWER.exec(model);
  if (newer) return [newer[1], newer[2], newer[3] ?? '0'].join(' ');
  const older = OLDER.exec(model);
  return older && [older[3], older[1], older[2] ?? '0'].join(' ');
}

// 4.07 for `4-7`, so that `4-10` would come after `4-9`. A date (`claude-opus-4-20250514`) is no minor version.
function nameOf(model: string): { family: string; generation: number } {
  const match = NEWER.exec(model);
  if (match) return { family: match[1] ?? '', generation: Number(match[2]) + Number(match[3] ?? 0) / 100 };
  const family = /claude-(fable|mythos)/.exec(model)?.[1];
  return family === undefined ? { family: '', generation: 0 } : { family, generation: THINKING_SINCE };
}
