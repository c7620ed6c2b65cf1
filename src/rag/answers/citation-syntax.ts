/** What stands at the beginning of a text where a citation marker may be. */
export type MarkerReading =
  | { kind: 'marker'; length: number; numbers: readonly number[] }
  /** More text is needed to tell. */
  | { kind: 'open' }
  | { kind: 'none' };

const LABELS = [
  ...['source', 'sources', 'citation', 'citations', 'cite', 'ref', 'refs', 'reference', 'references', 'doc', 'docs'],
  ...[
    'document',
    'documents',
    'passage',
    'passages',
    'quelle',
    'quellen',
    'fuente',
    'fuentes',
    'fonte',
    'fonti',
    'fontes',
  ],
  ...[
    'bron',
    'bronnen',
    '\u6765\u6e90',
    '\u8cc7\u6599',
    '\u51fa\u5178',
    '\u0438\u0441\u0442\u043e\u0447\u043d\u0438\u043a',
  ],
];
const JOINTS = ['and', 'und', 'et', 'y', 'e', 'en'];
const WORDS = [...LABELS, ...JOINTS];

const LABEL = String.raw`(?:(?:${LABELS.toSorted((left, right) => right.length - left.length).join('|')})\s{0,2}[:#.]?\s{0,2})?`;
const ITEM = String.raw`${LABEL}[#^]?\d{1,3}`;
const JOINT = String.raw`\s{0,3}(?:[,;&\u3001\uff0c-]|\u2013|(?:${JOINTS.join('|')})(?=\s))\s{0,3}`;
const NUMBERS = String.raw`${ITEM}(?:${JOINT}${ITEM}){0,15}`;
// What some models put behind the number: a place in the source, or its name.
const PLACE = String.raw`(?::\d{1,4})?(?:\u2020[^\]\u3011\uff3d\n]{0,40})?`;
const MARKERS = [
  ['[', String.raw`\[\s{0,3}(${NUMBERS})${PLACE}\s{0,3}\]`],
  ['\u3010', String.raw`\u3010\s{0,3}(${NUMBERS})${PLACE}\s{0,3}\u3011`],
  ['\uff3b', String.raw`\uff3b\s{0,3}(${NUMBERS})${PLACE}\s{0,3}\uff3d`],
].map(([bracket, pattern]) => ({ bracket, pattern: new RegExp(`^${pattern ?? ''}`, 'iu') }));
// As long as the longest marker that is read, or it would matter where a piece ends.
const MAX_LENGTH = 240;
const MAX_RANGE = 20;

/** The characters that a marker may begin with. */
export const OPENING_BRACKETS = '[\u3010\uff3b';

/** Reads `[1]`, `[1, 2]`, `[1-3]`, `[^1]`, `[Source 1]`, `[citation:1]`, \u30101\u2020name\u3011 and the like at the beginning of a text. */
export function readMarker(text: string, isEnd: boolean): MarkerReading {
  const form = MARKERS.find(({ bracket }) => bracket === text[0]);
  if (!form) return { kind: 'none' };
  const match = form.pattern.exec(text.slice(0, MAX_LENGTH + 1));
  if (match) return { kind: 'marker', length: match[0].length, numbers: readNumbers(match[1] ?? '') };
  return !isEnd && text.length <= MAX_LENGTH && mayContinue(text.slice(1)) ? { kind: 'open' } : { kind: 'none' };
}

// Only what markers are made of, and of words only those that may stand in one, the last perhaps begun.
function mayContinue(inside: string): boolean {
  const [before = '', ...place] = inside.split('\u2020');
  if (place.length > 1 || /[\]\u3011\uff3d\n]/u.test(place[0] ?? '')) return false;
  if (!/^[\p{L}\d\s,;&:#^.\u3001\uff0c\u2013-]*$/u.test(before)) return false;
  const words = before.toLowerCase().match(/\p{L}+/gu) ?? [];
  const last = /\p{L}$/u.test(before) ? words.pop() : undefined;
  if (last !== undefined && !WORDS.some((word) => word.startsWith(last))) return false;
  return words.every((word) => WORDS.includes(word));
}

// `1-3` names three sources; a range that is no range is two numbers.
function readNumbers(list: string): number[] {
  const numbers: number[] = [];
  for (const match of list.matchAll(/(\d{1,3})(?:\s{0,3}[-\u2013]\D{0,20}(\d{1,3}))?/gu)) {
    const first = Number(match[1]);
    const last = Number(match[2] ?? match[1]);
    if (last < first || last - first > MAX_RANGE) numbers.push(first, last);
    else for (let n = first; n <= last; n += 1) numbers.push(n);
  }
  return [...new Set(numbers)];
}
