const ENGLISH: ReadonlySet<string> = new Set(
  (
    'the what how is are do does did why where which who when can could should would my your of to and you it this that there ' +
    'with for from was were have has not be an by or me we they he she i please ' +
    'tell explain describe define give show write list'
  ).split(' '),
);
const OTHERS: ReadonlySet<string> = new Set(
  (
    'der die das den dem ein eine einen ist sind und nicht wie was wo wann warum ich du er sie wir mit von zu f\u00fcr auf im ' +
    'le la les un une des du de est sont et ne pas que qui quoi comment pourquoi o\u00f9 je tu il elle nous vous avec pour dans ' +
    'el los las una es son y no qu\u00e9 c\u00f3mo cu\u00e1l d\u00f3nde cu\u00e1ndo yo con por para en del al mi se si ' +
    'o os uma \u00e9 s\u00e3o e n\u00e3o como qual onde eu com em do da meu ' +
    'il lo gli che \u00e8 sono non di come dove quando io per nel della ' +
    'het een en niet hoe wat waar wanneer ik met voor van zijn ' +
    'och inte hur vad var det som att p\u00e5'
  ).split(' '),
);

/** Tells whether the words, in lower case, are English as far as its commonest words show it; a few words leave it open. */
export function isEnglish(words: readonly string[]): boolean {
  const ours = words.filter((word) => ENGLISH.has(word)).length;
  const theirs = words.filter((word) => OTHERS.has(word) && !ENGLISH.has(word)).length;
  return ours > theirs;
}
