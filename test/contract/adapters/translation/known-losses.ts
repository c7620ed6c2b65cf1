import type { ClientDialect } from './client-dialects.js';
import type { TranslationTarget } from './translation-targets.js';

/** What a model does not get without anybody being told, and why nobody needs to be. */
export interface KnownLoss {
  /** Names of dialects and of targets; everywhere when absent. */
  readonly from?: readonly string[];
  readonly to?: readonly string[];
  readonly features: readonly string[];
  readonly why: string;
}

export const KNOWN_LOSSES: readonly KnownLoss[] = [
  {
    features: ['earlier thinking', 'earlier thinking that is sealed', 'earlier reasoning that is sealed'],
    why: "No vendor reads another one's thoughts; a model thinks anew. What the same vendor sealed goes back to it.",
  },
  {
    features: ['earlier reasoning'],
    why: 'Thoughts that are not sealed are for people: no vendor takes them back, OpenAI only by ids of responses it keeps itself.',
  },
  {
    features: ['cache marks', 'a cache mark of the whole request', 'cache marks of a vendor'],
    why: 'The other vendors find out by themselves what they can keep.',
  },
  {
    from: ['anthropic-messages'],
    features: ['service_tier'],
    why: 'It only takes the dearer service at Anthropic out of the choice.',
  },
  {
    from: ['openai-responses'],
    features: ['metadata'],
    why: 'The gateway keeps it with the response.',
  },
  {
    from: ['openai-responses'],
    features: ['include'],
    why: "It asks for details of what OpenAI's own tools did, and another vendor has none.",
  },
  {
    from: ['openai-responses'],
    features: ['the description of a namespace'],
    why: 'Its functions are offered one by one, with their own descriptions and the name of the namespace before theirs.',
  },
  {
    from: ['openai-completions'],
    features: ['echo'],
    why: 'The gateway repeats the prompt itself.',
  },
  {
    to: ['gemini'],
    features: ['the name of a PDF', 'the title of a document'],
    why: 'Gemini takes files without names.',
  },
  {
    to: ['gemini'],
    features: ['a seed beyond 2^53'],
    why: 'Its last digits are rounded. Other numbers of any size keep all of theirs, wherever a body or an argument holds them.',
  },
  {
    to: ['anthropic'],
    features: ['reasoning_effort none', 'no reasoning'],
    why: 'The model does not think unless it is told to.',
  },
  {
    to: ['local'],
    features: [
      ...['temperature', 'top_p', 'top_k', 'temperature and top_p', 'seed', 'a seed beyond 2^53', 'penalties'],
      ...[
        'reasoning_effort',
        'reasoning_effort none',
        'reasoning effort',
        'a summary of the reasoning',
        'no reasoning',
      ],
      ...['thinking by a budget', 'adaptive thinking', 'thinking with an effort', 'an effort', 'no thinking'],
      ...['user', 'safety_identifier', 'metadata.user_id', 'names of speakers', "an image's detail"],
    ],
    why: '`local/extractive` quotes: it draws nothing by lot, does not think and knows nobody.',
  },
];

/** Whether a loss is one of those that are known. */
export function isKnownLoss(
  dialect: Pick<ClientDialect, 'name'>,
  target: Pick<TranslationTarget, 'name'>,
  feature: string,
): boolean {
  return KNOWN_LOSSES.some(
    ({ from, to, features }) =>
      features.includes(feature) && from?.includes(dialect.name) !== false && to?.includes(target.name) !== false,
  );
}

/** What `local/extractive` reads, which sends nothing that could be judged. */
export const READ_HERE: ReadonlySet<string> = new Set([
  ...['a system text', 'several system texts', 'a developer text', 'a system text between turns', 'instructions'],
  ...['earlier turns', 'the beginning of the answer', 'an earlier refusal', 'several texts', 'a text as a document'],
  ...['a single message', 'the input as a text', 'an output limit', 'an output limit by its older name'],
  ...['several choices', 'cache marks of a vendor', 'search results'],
]);
