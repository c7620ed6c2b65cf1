import { endOfString } from './end-of-string.js';
import { canWriteExactly, ExactNumber } from './exact-number.js';
import { isJsonObject, type JsonObject, type JsonValue } from './json.js';

// Integers of sixteen digits, decimals of more than seventeen and exponents of three are where a double may say less. What
// stands in a string may look the same: it costs a second look and nothing else.
const SUSPECT = /[:,[]\s*-?(?:\d{16}|[1-9][\d.]{18}|0\.0*[1-9]\d{17}|[\d.]+[eE][+-]?\d{3})/;
const SUSPECTS = new RegExp(SUSPECT, 'g');
const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const SHORTEST = ':1e100'.length;
/** From so many characters on, what stands between the strings is found and looked at sooner than all of the text. */
const LONG = 1_024;
/** So many digits are enough to tell any two doubles apart. */
const MOST_DIGITS = 17;
const ZERO = 0x30;
const NINE = 0x39;
const POINT = 0x2e;
const EXPONENT = 0x65;
/** Makes capitals small. */
const LOWER = 0x20;
/** The digits and points of the shortest number that may be suspect. */
const FEWEST_SUSPECT = 16;
// Nobody outside of this process ever sees it, so that no text of theirs can begin with it.
const MARK = `${crypto.randomUUID()}:`;

/**
 * What JSON.parse gives, but for numbers in objects and arrays that a double would round: those are ExactNumbers. Texts without such numbers are
 * only looked through. Throws SyntaxError, and RangeError when there are more than `mostExact` such numbers.
 */
export function parseExactJson(text: string, mostExact = Infinity): JsonValue {
  const value = JSON.parse(text) as JsonValue;
  if (!canWriteExactly || (text.length < LONG && !SUSPECT.test(text))) return value;
  return parseAgain(text, value, mostExact);
}

/** The value with doubles in place of ExactNumbers, for readers that know no others; changes what it is given. */
export function roundNumbers(value: JsonValue): JsonValue {
  return replaceLeaves(value, (leaf) => (leaf instanceof ExactNumber ? leaf.valueOf() : leaf));
}

// A callback of JSON.parse would be told the texts as well, at sixty times the cost for each value of a large body. The text
// is known to be JSON here: otherwise a mark could make a name of a number that stands where no number may stand.
function parseAgain(text: string, rounded: JsonValue, mostExact: number): JsonValue {
  const marked = markNumbers(text, mostExact);
  if (marked === null) return rounded;
  return replaceLeaves(JSON.parse(marked) as JsonValue, (leaf) =>
    typeof leaf === 'string' && leaf.startsWith(MARK) ? new ExactNumber(leaf.slice(MARK.length)) : leaf,
  );
}

function markNumbers(text: string, mostExact: number): string | null {
  const pieces: string[] = [];
  let copied = 0;
  for (let start = 0; start < text.length;) {
    const quote = text.indexOf('"', start);
    const end = quote === -1 ? text.length : quote;
    for (const [at, number] of end - start < SHORTEST ? [] : findRounded(text.slice(start, end))) {
      pieces.push(text.slice(copied, start + at), `"${MARK}${number}"`);
      copied = start + at + number.length;
      if (pieces.length > 2 * mostExact) throw new RangeError('There are more numbers that a double would round.');
    }
    start = quote === -1 ? text.length : endOfString(text, quote) + 1;
  }
  return pieces.length === 0 ? null : pieces.join('') + text.slice(copied);
}

function* findRounded(structure: string): Iterable<[number, string]> {
  if (!mayHaveLongNumber(structure) || !SUSPECT.test(structure)) return;
  for (const { 0: match, index } of structure.matchAll(SUSPECTS)) {
    NUMBER.lastIndex = index + match.search(/[-\d]/);
    const at = NUMBER.lastIndex;
    const number = NUMBER.exec(structure)?.[0] ?? '';
    if (isRounded(number)) yield [at, number];
  }
}

// Long lists of short numbers are looked through ten times as fast as by a pattern.
function mayHaveLongNumber(structure: string): boolean {
  let run = 0;
  for (let index = 0; index < structure.length; index++) {
    const code = structure.charCodeAt(index);
    if ((code >= ZERO && code <= NINE) || code === POINT) {
      run++;
      if (run >= FEWEST_SUSPECT) return true;
    } else if (run > 0 && (code | LOWER) === EXPONENT) return true;
    else run = 0;
  }
  return false;
}

function isRounded(number: string): boolean {
  const value = Number(number);
  if (/^-?\d+$/.test(number)) return !Number.isSafeInteger(value) && String(value) !== number;
  const digits = countDigits(number);
  return digits > MOST_DIGITS || !Number.isFinite(value) || (value === 0 && digits > 0);
}

// Those from the first to the last that is not 0. No pattern for the zeros at the end: it would begin at each of a million.
function countDigits(number: string): number {
  const digits = number.replace(/[eE].*/, '').replace(/[-.]/g, '');
  let start = 0;
  while (digits.charCodeAt(start) === ZERO) start++;
  let end = digits.length;
  while (end > start && digits.charCodeAt(end - 1) === ZERO) end--;
  return end - start;
}

// Without recursion: a provider may nest as deep as it likes.
function replaceLeaves(root: JsonValue, replace: (leaf: JsonValue) => JsonValue): JsonValue {
  const holder: JsonValue[] = [root];
  const pending: (JsonObject | JsonValue[])[] = [holder];
  const visit = (child: JsonValue, put: (leaf: JsonValue) => void): void => {
    if (Array.isArray(child) || isJsonObject(child)) {
      pending.push(child);
      return;
    }
    const leaf = replace(child);
    if (leaf !== child) put(leaf);
  };
  for (let place = pending.pop(); place; place = pending.pop()) {
    if (Array.isArray(place)) visitElements(place, visit);
    else visitMembers(place, visit);
  }
  return holder[0] ?? null;
}

type Visit = (child: JsonValue, put: (leaf: JsonValue) => void) => void;

function visitElements(list: JsonValue[], visit: Visit): void {
  for (let index = 0; index < list.length; index++) {
    visit(list[index] ?? null, (leaf) => {
      list[index] = leaf;
    });
  }
}

function visitMembers(object: JsonObject, visit: Visit): void {
  for (const key of Object.keys(object)) {
    visit(object[key] ?? null, (value) => {
      Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
    });
  }
}
