/** A language that answers can be told to be in. */
export type QuestionLanguage =
  'ar' | 'de' | 'el' | 'en' | 'es' | 'fr' | 'he' | 'hi' | 'it' | 'ja' | 'ko' | 'nl' | 'pl' | 'pt' | 'ro' | 'ru' | 'th' | 'tr' | 'vi' | 'zh'; // prettier-ignore

// Japanese is written with Chinese characters too, so its own come first.
const SCRIPTS: readonly (readonly [QuestionLanguage, RegExp])[] = [
  ['ja', /[\p{Script=Hiragana}\p{Script=Katakana}]/gu],
  ['ko', /\p{Script=Hangul}/gu],
  ['zh', /\p{Script=Han}/gu],
  ['th', /\p{Script=Thai}/gu],
  ['ar', /\p{Script=Arabic}/gu],
  ['he', /\p{Script=Hebrew}/gu],
  ['hi', /\p{Script=Devanagari}/gu],
  ['el', /\p{Script=Greek}/gu],
  ['ru', /\p{Script=Cyrillic}/gu],
];

// Words that questions are made of, whatever they are about.
const WORDS: Readonly<Partial<Record<QuestionLanguage, string>>> = {
  en: 'a about an and are at between by can did do does for from has have how in is it its many much of on or should that the these this to was were what when where which who whose why will with would',
  de: 'am auf aus bei das dem den der des die ein eine einem einen einer er es f\u00fcr gibt haben hat ich im in ist kann k\u00f6nnen man mit nach oder sie sind und viel viele von wann warum was welche welcher welches wenn wer werden wie wird wo wurde zu zum zur',
  es: 'a al c\u00f3mo con cu\u00e1l cu\u00e1les cu\u00e1ndo cu\u00e1nta cu\u00e1nto cu\u00e1ntos de del d\u00f3nde el ella en entre es est\u00e1 fue hay la las lo los para por porqu\u00e9 puede qu\u00e9 qui\u00e9n qui\u00e9nes se ser son su sus tiene un una y',
  fr: 'a au aux avec avez combien comment dans de des du elle en est est-ce et fait il ils la le les leur o\u00f9 ont par peut pour pourquoi qu quand que quel quelle quelles quels qui quoi sa se ses son sont sur un une \u00e0 \u00e9tait',
  it: 'a al che chi ci come con cosa cos da dal dei del della delle di dove e gli ha hanno i il in la le lo nel nella per perch\u00e9 pu\u00f2 qual quale quali quando quanta quante quanti quanto se si sono su una un \u00e8',
  pt: 'a ao as com como da das de do dos e ela em entre foi h\u00e1 mais na nas no nos o onde os para pela pelo por porque qual quais quando quantas quantos quanto que quem se seu sua s\u00e3o tem uma um \u00e9',
  nl: 'aan als bij dat de deze die door een en er had heeft het hoe hoeveel hun in is kan met naar niet of om op te tot uit van veel voor waar waarom wanneer wat welk welke werd wie worden wordt zijn',
  pl: 'co czy dla do gdzie ile jak jaka jaki jakie jest kiedy kt\u00f3ra kt\u00f3re kt\u00f3ry kto lub ma mo\u017cna na nie od oraz po przez si\u0119 s\u0105 to w z za \u017ce',
  ro: 'a al ale au care ce c\u00e2nd c\u00e2t c\u00e2te c\u00e2\u021bi cine cu cum de din este \u00een la mai nu o pe pentru s\u0103 sau se sunt un unde unei unui \u0219i a fost',
  tr: 'bir bu da de hangi hangisi i\u00e7in ile kadar ka\u00e7 kim m\u0131 mi mu m\u00fc nas\u0131l ne neden nedir nerede olan olarak ve veya nereye kimdir var',
  vi: 'ai bao bao_nhi\u00eau c\u1ee7a c\u00e1c c\u00e1i c\u00f3 cho g\u00ec \u0111\u00e2u \u0111\u00e3 \u0111\u01b0\u1ee3c khi kh\u00f4ng l\u00e0 l\u00e0m m\u1ed9t n\u00e0o n\u00e0y nh\u1eefng nhi\u00eau n\u0103m \u1edf sao t\u1ea1i th\u1ebf trong v\u00e0 v\u1edbi v\u00ec',
}; // prettier-ignore

const WORD_SETS = Object.entries(WORDS).map(
  ([language, words]) => [language as QuestionLanguage, new Set(words.split(' '))] as const,
);
const FULL_SHARE = 0.5;

/** The language of a question by its script, or by the small words in it; null where they leave it open. */
export function detectQuestionLanguage(question: string): QuestionLanguage | null {
  const letters = question.match(/\p{L}/gu)?.length ?? 0;
  if (letters === 0) return null;
  // A foreign name in a question does not make its language.
  const script = SCRIPTS.find(([language, pattern]) => {
    const own = question.match(pattern)?.length ?? 0;
    return own >= letters * (language === 'ja' ? 0.1 : FULL_SHARE);
  });
  return script ? script[0] : detectLatin(question);
}

function detectLatin(question: string): QuestionLanguage | null {
  const words =
    question
      .normalize('NFC')
      .toLowerCase()
      .match(/[\p{L}\p{M}]+(?:-[\p{L}\p{M}]+)*/gu) ?? [];
  const counts = WORD_SETS.map(([language, known]) => ({
    language,
    count: words.reduce((sum, word) => sum + (known.has(word) ? 1 : 0), 0),
  })).sort((left, right) => right.count - left.count);
  const [first, second] = counts;
  if (!first || first.count === 0 || first.count === second?.count) return null;
  return first.language;
}
