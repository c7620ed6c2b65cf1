import type { Wording } from '../../../config/gateway-config.js';
import type { Question } from './read-question.js';

/** Words that may come and go without changing what a question is about. */
const LINKING: ReadonlySet<string> = new Set(
  (
    'of in on at to from for with by and or as about into i my me one how what ' +
    'which who whom when where why will would can could should may might have has had be been being get want give tell'
  ).split(' '),
);

/** Those of them that say whence and whither, by whom and for whom. */
const WAYS: ReadonlySet<string> = new Set('from to into by for with'.split(' '));

// How many words two questions have in common for each that they do not, to be nearly alike. Elsewhere endings carry meaning.
const ENGLISH_SHARE = 2;
const OTHER_SHARE = 1;

/** What turns a word into its opposite, in front of it. */
const OPPOSITE = /^(?:un|dis|in|im|il|ir|non|de|mis|anti)$/u;

/**
 * Tells whether the answer to one question may be given to the other. Their facts and names must agree; with the wording
 * `same` all their words, too. Otherwise they may be worded differently, but not nearly alike: of two questions that differ
 * in one word that word is what the question is about.
 */
export function mayShareAnswer(left: Question, right: Question, wording: Wording): boolean {
  if (left.facts !== right.facts || !namesAgree(left, right)) return false;
  const asksTheSame = isSameList(left.asked, right.asked);
  if (isSameList(left.words, right.words)) return asksTheSame && isSameList(left.moods, right.moods);
  // "How old is it" asks for what "what is its age" asks for; "when" and "where" ask for two things.
  const mayAskTheSame = asksTheSame || left.asked.length === 0 || right.asked.length === 0;
  return wording === 'free' && mayAskTheSame && !areNearlyAlike(left, right);
}

// Where both tell names by capitals "turkey" and "Turkey" are two things.
function namesAgree(left: Question, right: Question): boolean {
  const names = new Set([...left.names, ...right.names]);
  if (names.size === 0) return true;
  for (const [word, spelling] of left.spellings) if ((right.spellings.get(word) ?? spelling) !== spelling) return false;
  const isOfBoth = left.hasCapitals && right.hasCapitals;
  if (isOfBoth && (left.names.size !== names.size || right.names.size !== names.size)) return false;
  return isSameList(
    left.words.filter((word) => names.has(word)),
    right.words.filter((word) => names.has(word)),
  );
}

function areNearlyAlike(left: Question, right: Question): boolean {
  if (differsInOnePlace(left.words, right.words)) return true;
  const ours = left.words.filter((word) => !LINKING.has(word));
  const theirs = right.words.filter((word) => !LINKING.has(word));
  const onlyOurs = without(ours, theirs);
  const onlyTheirs = without(theirs, ours);
  const most = Math.max(onlyOurs.length, onlyTheirs.length);
  // The same words in another order: who does it, and to whom, may have changed places.
  if (most === 0) return !isSameList(ours, theirs) || !isSameList(waysOf(left), waysOf(right));
  if (onlyOurs.some((word) => onlyTheirs.some((other) => isOpposite(word, other)))) return true;
  const share = left.isEnglish ? ENGLISH_SHARE : OTHER_SHARE;
  return ours.length - onlyOurs.length >= share * most;
}

function waysOf({ words }: Question): string[] {
  return words.filter((word) => WAYS.has(word));
}

function isOpposite(left: string, right: string): boolean {
  const [short, long] = left.length < right.length ? [left, right] : [right, left];
  return long.endsWith(short) && OPPOSITE.test(long.slice(0, -short.length));
}

/** Whether one word was put in, left out or replaced, and all others stand where they stood. */
function differsInOnePlace(left: readonly string[], right: readonly string[]): boolean {
  const shortest = Math.min(left.length, right.length);
  let start = 0;
  while (start < shortest && left[start] === right[start]) start += 1;
  let end = 0;
  while (end < shortest - start && left.at(-1 - end) === right.at(-1 - end)) end += 1;
  return left.length - start - end <= 1 && right.length - start - end <= 1;
}

/** The words of a list that the other one does not have, or has less often. */
function without(words: readonly string[], others: readonly string[]): string[] {
  const left = new Map<string, number>();
  for (const word of others) left.set(word, (left.get(word) ?? 0) + 1);
  return words.filter((word) => {
    const count = left.get(word) ?? 0;
    left.set(word, count - 1);
    return count <= 0;
  });
}

function isSameList(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((word, index) => word === right[index]);
}
