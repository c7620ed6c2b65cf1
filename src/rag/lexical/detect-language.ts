/** The language of a text as a two-letter code; null when the text leaves it open. */
export type LanguageDetector = (text: string) => string | null;

// A few words in Latin script look like anything: "reset password" is no sentence of any language.
const MIN_LATIN_LETTERS = 25;

/** Loads the detector. Its tables take 85 MB and a sixth of a second, so only who indexes documents asks for it. */
export async function loadLanguageDetector(): Promise<LanguageDetector> {
  const { eld } = await import('eld/extrasmall');
  return (text) => {
    if (isShortLatin(text)) return null;
    const result = eld.detect(text);
    return result.language !== '' && result.isReliable() ? result.language : null;
  };
}

function isShortLatin(text: string): boolean {
  const letters = text.match(/\p{L}/gu)?.length ?? 0;
  const latin = text.match(/\p{Script=Latin}/gu)?.length ?? 0;
  return latin * 2 >= letters && latin < MIN_LATIN_LETTERS;
}
