const CLASSES: readonly (readonly [kind: string, words: string])[] = [
  [
    'what',
    'what which was welche welcher welches que quoi quel quelle quels quelles qu\u00e9 cu\u00e1l qual quais che cosa quale wat welke vad vilken \u0447\u0442\u043e \u043a\u0430\u043a\u043e\u0439 \u043a\u0430\u043a\u0430\u044f',
  ],
  ['who', 'who whom wer wem wen qui qui\u00e9n quem chi wie\u0301 vem \u043a\u0442\u043e'],
  ['whose', 'whose wessen'],
  ['when', 'when wann quand cu\u00e1ndo quando wanneer n\u00e4r \u043a\u043e\u0433\u0434\u0430'],
  [
    'where',
    'where wo wohin woher o\u00f9 d\u00f3nde ad\u00f3nde onde dove waar var \u0433\u0434\u0435 \u043a\u0443\u0434\u0430',
  ],
  [
    'why',
    'why warum wieso weshalb pourquoi porqu\u00ea perch\u00e9 waarom varf\u00f6r \u043f\u043e\u0447\u0435\u043c\u0443 \u0437\u0430\u0447\u0435\u043c',
  ],
  ['how', 'how wie comment c\u00f3mo como come hoe hur \u043a\u0430\u043a'],
  [
    'how-many',
    'wieviel wieviele combien cu\u00e1nto cu\u00e1nta cu\u00e1ntos cu\u00e1ntas quanto quanta quantos quantas quanti quante hoeveel \u0441\u043a\u043e\u043b\u044c\u043a\u043e',
  ],
];
const KINDS: ReadonlyMap<string, string> = new Map(
  CLASSES.flatMap(([kind, words]) => words.split(' ').map((word): [string, string] => [word, kind])),
);
// In English "was" is a verb; what it asks behind "how" is another question than "how".
const ENGLISH_VERBS: ReadonlySet<string> = new Set(['was', 'come', 'que', 'var', 'cosa', 'che']);
const MEASURES: ReadonlySet<string> = new Set(
  'many much long old far tall big large often deep high wide fast heavy late early soon'.split(' '),
);

/**
 * What a question asks for, sorted: `when`, `how-long`. `what` and `which` ask for whatever is named, as a question without
 * such a word does, and are left out.
 */
export function kindsOfQuestion(words: readonly string[], isEnglish: boolean): string[] {
  const kinds = new Set<string>();
  words.forEach((word, index) => {
    const kind = isEnglish && ENGLISH_VERBS.has(word) ? undefined : KINDS.get(word);
    if (kind === undefined || kind === 'what') return;
    const next = words[index + 1] ?? '';
    kinds.add(kind === 'how' && MEASURES.has(next) ? `how-${next}` : kind);
  });
  return [...kinds].sort();
}
