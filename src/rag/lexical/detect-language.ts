// The commonest function words of each language: a third of any running text, and cheap to count.
const FUNCTION_WORDS: Readonly<Record<string, string>> = {
  en: 'the of and to in is that for was with as are by this from it which were be at have has not or an their we can but these what how does when who why where do did there been on its between our than',
  es: 'de la que el en y los se del las por un para con no una su al es lo como m\u00e1s pero sus le ya fue este ha s\u00ed cuando muy sobre tambi\u00e9n qu\u00e9 cu\u00e1l qui\u00e9n d\u00f3nde c\u00f3mo entre desde est\u00e1 son',
  fr: 'de la le et les des en un du une que est pour qui dans par pas au sur plus ne se ce avec il sont la cette ont aux \u00e0 d l qu elle ces \u00e9t\u00e9 mais comme ou leur nous quel quelle',
  de: 'der die und in den von zu das mit sich des auf f\u00fcr ist im dem nicht ein eine als auch es an werden aus er hat dass sie nach wird bei einer um am sind noch wie einem \u00fcber einen so zum war was wer wo wann durch oder',
  pt: 'de a o que e do da em um para com n\u00e3o uma os no se na por mais as dos como mas ao ele das \u00e0 seu sua ou quando muito nos j\u00e1 foi s\u00e3o pelo pela at\u00e9 isso entre tamb\u00e9m',
  it: 'di e il la che in un a per \u00e8 una del con non si da i le dei al come pi\u00f9 della nel gli sono alla delle anche lo ha ma dal sul questo quale dove quando degli essere o',
  nl: 'de van het een en in is dat op te zijn met voor niet aan er om ook als dan maar bij uit door naar heeft werd hij worden deze over wat waar wie hoe nog tot wordt of',
  sv: 'och i att det som en p\u00e5 \u00e4r av f\u00f6r med till den har de inte om ett han var jag men s\u00e5 fr\u00e5n vid kan n\u00e4r eller ut under efter ska vad hur',
  da: 'og i at det er en til af p\u00e5 for der den med de ikke som har et var han om vi men fra ved efter blev kan hvad hvor eller bliver sig ogs\u00e5',
  no: 'og i det er p\u00e5 en til som av for at med de ikke den har et var han om vi men fra ved etter ble kan hva hvor eller blir seg ogs\u00e5 mot v\u00e6re',
  fi: 'ja on ei se ett\u00e4 oli h\u00e4n joka ovat kuin mutta my\u00f6s sen t\u00e4m\u00e4 niin kun tai voi ole olla mik\u00e4 miss\u00e4 ovat sek\u00e4 jos',
  hu: 'a az \u00e9s hogy nem is egy meg de ez volt mint csak el vagy ha azt m\u00e1r k\u00f6z\u00f6tt lehet amely sem mi hol mikor volt voltak',
  ro: '\u0219i \u015fi de a \u00een la cu nu o s\u0103 un pe este din care mai au prin pentru ce fi sau dar al ale fost sunt c\u0103 unde c\u00e2nd',
  tr: 've bir bu da de i\u00e7in ile olarak daha en olan \u00e7ok gibi ne sonra kadar var o ya mi m\u0131 ise her ancak hangi nas\u0131l nerede',
  id: 'yang dan di itu dengan untuk tidak ini dari dalam akan pada juga saya ke karena ada oleh atau adalah sebagai apa bagaimana mereka telah',
  ca: 'de la i el que les els a en un per del una amb es no \u00e9s al dels ha com m\u00e9s s\u00f3n seva seu aquest aix\u00f2 quan on entre tamb\u00e9',
  lt: 'ir yra kad su bet i\u0161 \u012f buvo ne jis kaip apie o ar tai taip jo po nuo u\u017e kur kas',
  pl: 'i w na z do si\u0119 nie jest \u017ce to o od jak za po przez dla oraz ale co jego przy by\u0142 by\u0142a kt\u00f3re kt\u00f3ry gdzie kiedy',
  cs: 'a se v na je \u017ee s z do o jako byl po pro ale od by jeho ve jsou kter\u00e1 kter\u00fd nebo p\u0159i kde kdy co',
  vi: 'v\u00e0 c\u1ee7a l\u00e0 c\u00f3 trong \u0111\u01b0\u1ee3c cho c\u00e1c m\u1ed9t nh\u1eefng v\u1edbi kh\u00f4ng n\u00e0y \u0111\u00e3 ng\u01b0\u1eddi \u0111\u1ebfn t\u1eeb khi v\u1ec1 \u1edf g\u00ec n\u00e0o',
}; // prettier-ignore
const SCRIPTS: readonly (readonly [RegExp, string])[] = [
  [/\p{Script=Greek}/u, 'el'],
  [/\p{Script=Arabic}/u, 'ar'],
  [/\p{Script=Devanagari}/u, 'hi'],
  [/\p{Script=Armenian}/u, 'hy'],
  [/\p{Script=Tamil}/u, 'ta'],
];
const MIN_HITS = 3;
const MIN_SHARE = 0.1;
const CLEAR_LEAD = 1.2;
const SHORT_WORDS = 20;
const UNKNOWN_SHARE = 0.04;
const UNKNOWN_WORDS = 30;
const NONE = { language: 'und', hits: 0 };

const languagesOf = new Map<string, string[]>();
for (const [language, words] of Object.entries(FUNCTION_WORDS)) {
  for (const word of new Set(words.split(' '))) languagesOf.set(word, [...(languagesOf.get(word) ?? []), language]);
}

/**
 * The language of a text as a two-letter code; `und` when the text is long enough and clearly in none of the known ones;
 * null when a few words leave it open.
 */
export function detectLanguage(text: string): string | null {
  const script = mainScript(text);
  if (script !== 'Latin') return script;
  const words = text.toLowerCase().match(/\p{L}+/gu) ?? [];
  const [first = NONE, second = NONE] = countFunctionWords(words);
  const share = first.hits / Math.max(1, words.length);
  if (share < UNKNOWN_SHARE && words.length >= UNKNOWN_WORDS) return 'und';
  if (first.hits < MIN_HITS || share < MIN_SHARE) return null;
  const lead = words.length < SHORT_WORDS ? CLEAR_LEAD : 1;
  return first.hits > second.hits * lead ? first.language : null;
}

function countFunctionWords(words: readonly string[]): { language: string; hits: number }[] {
  const counts = new Map<string, number>();
  for (const word of words) {
    for (const language of languagesOf.get(word) ?? []) counts.set(language, (counts.get(language) ?? 0) + 1);
  }
  return [...counts].map(([language, hits]) => ({ language, hits })).sort((left, right) => right.hits - left.hits);
}

// Letters of the script that most of the text is in; a few Greek symbols do not make a text Greek.
function mainScript(text: string): string | null {
  const letters = (text.match(/\p{L}/gu) ?? []).length;
  if (letters === 0) return null;
  const latin = (text.match(/\p{Script=Latin}/gu) ?? []).length;
  if (latin * 2 >= letters) return 'Latin';
  if ((text.match(/\p{Script=Cyrillic}/gu) ?? []).length * 2 >= letters) return cyrillicLanguage(text);
  for (const [pattern, language] of SCRIPTS) {
    if ((text.match(new RegExp(pattern, 'gu')) ?? []).length * 2 >= letters) return language;
  }
  return 'und';
}

function cyrillicLanguage(text: string): string {
  if (/[\u0456\u0457\u0454\u0491]/iu.test(text)) return 'uk';
  if (/[\u0452\u0458\u0459\u045a\u045b\u045f]/iu.test(text)) return 'sr';
  if (text.length > 200 && !/[\u044b\u044d]/iu.test(text)) return 'bg';
  return 'ru';
}
