/**
 * What the wording of English questions may differ in and still be the same question. Other languages are compared word by
 * word: their articles, cases and endings carry meaning that only a parser could weigh.
 */

/** Short forms, written out. */
export const SHORT_FORMS: readonly (readonly [pattern: RegExp, replacement: string])[] = [
  [/\b(?:can't|cannot|can not)\b/giu, 'can not'],
  [/\bwon't\b/giu, 'will not'],
  [/\bshan't\b/giu, 'shall not'],
  [/\bain't\b/giu, 'is not'],
  [/n't\b/giu, ' not'],
  [/\b(what|who|where|when|why|how|which|that|there|here|it|he|she)'s\b/giu, '$1 is'],
  [/\b(what|who|where|why|how|they|we|you)'re\b/giu, '$1 are'],
  [/\b(I|you|we|they|who|what)'ve\b/giu, '$1 have'],
  [/\b(I|you|he|she|it|we|they|who|what|that)'ll\b/giu, '$1 will'],
  [/\b(I|you|he|she|it|we|they)'d like\b/giu, '$1 would like'],
  [/\bI'm\b/giu, 'I am'],
  [/\b(?:gonna)\b/giu, 'going to'],
  [/\b(?:wanna)\b/giu, 'want to'],
  [/\be-mail/giu, 'email'],
];

/** What people put before or behind a question without asking anything else by it. Written in lower case, words apart. */
export const FRAMES: readonly RegExp[] = [
  /^(?:hi|hello|hey|good (?:morning|afternoon|evening)|dear \w+)(?: there| everyone| all| team)? /u,
  /^(?:please|kindly|ok|okay|so|well|um|hmm|actually|basically|also|and|now|quick question|one question|question) /u,
  /^(?:can|could|would|will) (?:you|someone|anyone|anybody|somebody) (?:please |kindly |quickly )?(?:help me (?:to )?understand|tell me|explain(?: to me)?|let me know|say|clarify|show me|remind me) /u,
  /^(?:do|does|would) (?:you|anyone|anybody|someone) (?:happen to )?know /u,
  /^i (?:would like|want|need|wish|am trying|would love) to (?:know|learn|find out|understand|ask(?: you)?|figure out) /u,
  /^i (?:was|am|have been) (?:just )?(?:wondering|curious|curious about|asking myself|unsure|not sure)(?: about)? /u,
  /^i (?:do not know|wonder) /u,
  /^i have a question (?:about )?/u,
  /^(?:please )?(?:tell me|let me know|remind me|say|explain to me|show me) (?=(?:what|who|where|when|why|how|which|whether|if)\b)/u,
  /^explain (?=(?:what|who|where|when|why|how|which|whether|if)\b)/u,
  /^(?:is it|would it be) possible to (?:tell me|explain|know) /u,
  /^any idea /u,
  / (?:please|thanks|thank you|thx|cheers|thanks in advance|thank you in advance|thank you very much|thanks a lot|many thanks|kindly)$/u,
  / (?:do you know|can you tell me|could you tell me|i wonder|i was wondering|if you know|exactly|in your opinion)$/u,
];

/** Words of English that say nothing that a question could differ in. */
export const EMPTY_WORDS: ReadonlySet<string> = new Set(
  'a an the please just really actually simply basically exactly kindly then there so do does'.split(' '),
);

/** Phrases that mean the same, as patterns over words in lower case with single spaces. */
export const PHRASES: readonly (readonly [pattern: RegExp, replacement: string])[] = [
  [
    /\b(?:what (?:is|are) the (?:steps|way|ways|procedure|process|method|instructions) (?:to|for)|how (?:do|does|can|could|should|would) (?:i|you|we|one|someone|somebody|a person)(?: go about)?|in what way (?:can|do) i|what do i (?:have|need) to do (?:in order )?to|what (?:should|must) i do (?:in order )?to|what is needed to|how is it possible to|how am i able to|(?:a |the )?(?:steps|instructions) (?:to|for)|show me how to|teach me (?:how )?to|help me(?: to)?)\b/gu,
    'how to',
  ],
  [/\b(?:(?:in|on|at) )?(?:what|which) (?:year|date|day|time) (is|was|were|did|does|do)\b/gu, 'when $1'],
  [/\b(?:for what reason|how come|what is the reason(?: that| why)?|what are the reasons(?: that| why)?)\b/gu, 'why'],
  [/\bwhat (?:is|was) the name of\b/gu, 'what is'],
  [
    /\b(?:what is (?:meant|understood) by|what is the definition of|define|give (?:me )?(?:a|the) definition of)\b/gu,
    'what is',
  ],
  [/\b(?:give me|provide|provide me with|i need|i want) (?=(?:a|an|the|some|\d+)\b)/gu, 'give '],
  [/\bwhat sorts? of\b/gu, 'what kind of'],
  [/\bwhat is the meaning of (.+)$/u, 'what does $1 mean'],
  [/\bin order to\b/gu, 'to'],
  [/\b(?:as well as|along with|together with)\b/gu, 'and'],
  [/\bdue to\b/gu, 'because of'],
  [/\b(?:at (?:the )?present|at the moment|right now|these days)\b/gu, 'now'],
  [/\bdifferences? (?:between|of) (.+?) (?:and|versus|vs) /gu, 'difference between $1 and '],
  [/\ba (?:number|lot|bunch) of\b/gu, 'many'],
  [/\ba few\b/gu, 'several'],
  [/\ba little\b/gu, 'littlebit'],
  [/\bno longer\b/gu, 'not anymore'],
  [/\bset up\b/gu, 'setup'],
  [/\blog in\b/gu, 'login'],
  [/\bsign in\b/gu, 'login'],
  [/\b(?:log|sign) out\b/gu, 'logout'],
  [/\bsign up\b/gu, 'signup'],
  [/\b(?:look for|search for)\b/gu, 'search'],
  [/\bget rid of\b/gu, 'remove'],
  [/\bcarry out\b/gu, 'perform'],
  [/\bunited states(?: of america)?\b|\bu\.?s\.?a\b/gu, 'usa'],
  [/\bunited kingdom\b/gu, 'uk'],
];

/** Words that mean the same in a question, by the first of their line. Only what holds in nearly every question stands here. */
export const SYNONYMS: ReadonlyMap<string, string> = toMap(`
  what which
  big large
  buy purchase
  begin start
  fix repair
  obtain get acquire
  quick fast rapid
  delete erase
  picture photo image photograph
  movie film
  error mistake
  job occupation
  doctor physician
  car automobile
  wealthy rich
  illness disease sickness
  perform execute
  mean signify
  aid assistance
  typical usual common
  entire whole
  method technique
  happen occur
  need require
  select choose pick
  finish complete
  kind type
  inhabitant resident
  author writer
  cost price
  create make
  modify change alter
  difference distinction
  use utilize utilise
  colour color
  centre center
  organise organize
  favourite favorite
  behaviour behavior
  analyse analyze
  summarise summarize
  optimise optimize
  grey gray
  litre liter
  metre meter
  licence license
  program programme
  vs versus
  phone telephone
  advantage benefit
  shop store
  holiday vacation
  biggest largest
  bigger larger
  richest wealthiest
  fastest quickest
  faster quicker
  explain describe
`);

/** Plurals that do not end in `s`, and words that only look like plurals. */
export const PLURALS: ReadonlyMap<string, string> = new Map([
  ['children', 'child'],
  ['men', 'man'],
  ['women', 'woman'],
  ['people', 'person'],
  ['mice', 'mouse'],
  ['news', 'news'],
  ['series', 'series'],
  ['species', 'species'],
  ['analyses', 'analysis'],
  ['matrices', 'matrix'],
]);

function toMap(text: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [first, ...rest] = line.split(' ').filter((word) => word !== '');
    if (first !== undefined) for (const word of rest) found.set(word, first);
  }
  return found;
}
