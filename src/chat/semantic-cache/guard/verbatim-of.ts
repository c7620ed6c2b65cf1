import type { Token } from './split-tokens.js';

/** What only questions about words ask for: there a word is not its synonym, nor its plural. */
const ABOUT_WORDS: ReadonlySet<string> = new Set(
  (
    'word words spell spells spelled spelt spelling rhyme rhymes rhyming synonym synonyms antonym antonyms plural singular tense past ' +
    'verb verbs noun nouns adjective adjectives adverb pronounce pronounced pronunciation syllable syllables letter letters ' +
    'translate translates translation grammar grammatical grammatically sentence sentences phrase phrases paraphrase rephrase ' +
    'rewrite reword proofread correct repeat uppercase lowercase capitalise capitalize anagram palindrome conjugate conjugation ' +
    'etymology idiom hyphenate abbreviate means mean meant meaning signify'
  ).split(' '),
);
/** A text to work on stands behind a colon, or on lines of its own. */
const HAS_MATERIAL = /:\s+\S|\S[^\S\n]*\n\s*\S/u;

/** What of a question only has its own wording: all of a text that it brings, or its words when it asks about words. */
export function verbatimOf(text: string, tokens: readonly Token[]): 'text' | 'words' | null {
  if (HAS_MATERIAL.test(text)) return 'text';
  return tokens.some(({ kind, text: word }) => kind === 'word' && ABOUT_WORDS.has(word)) ? 'words' : null;
}
