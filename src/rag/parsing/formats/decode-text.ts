import { isUtf8 } from 'node:buffer';
import { analyse } from 'chardet';
import { DocumentParseError } from '../document-parse-error.js';

const SAMPLE_BYTES = 64 * 1024;
// A guess that is less sure than this is worse than the encoding that most such files have.
const MIN_CONFIDENCE = 30;
const FALLBACK = 'windows-1252';
const WESTERN: ReadonlySet<string> = new Set(['ISO-8859-1', 'windows-1252']);
const LATIN = /^(?:ISO-8859-(?:1|2|9)|windows-12(?:50|52|54|57|58))$/;
const HALF_PAIR = /\xed[\xa0-\xbf][\x80-\xbf]/g;
const SPLIT_PAIR = /\xed([\xa0-\xaf])([\x80-\xbf])\xed([\xb0-\xbf])([\x80-\xbf])/g;

/**
 * Text from bytes: by its byte order mark, as UTF-16 when every second byte is zero, as UTF-8 when it is that, else in
 * `declared` or the encoding that it looks like. Throws `invalid_encoding` when none of them fits.
 */
export function decodeText(bytes: Buffer, declared: string | null = null): string {
  const marked = decodeMarked(bytes);
  if (marked !== null) return marked;
  const zeros = zeroSide(bytes);
  if (zeros !== null) return decodeUtf16(bytes, zeros === 'even' ? 'be' : 'le');
  return decodeBytes(bytes, declared);
}

function decodeBytes(bytes: Buffer, declared: string | null): string {
  if (isUtf8(bytes)) return bytes.toString('utf8');
  return decodeSurrogates(bytes) ?? decodeLegacy(bytes, declared);
}

function decodeMarked(bytes: Buffer): string | null {
  if (bytes.length >= 4 && (bytes.readUInt32LE(0) === 0xfeff || bytes.readUInt32BE(0) === 0xfeff)) {
    throw invalid('The text is in UTF-32.');
  }
  if (bytes.length < 2) return null;
  if (bytes.readUInt16LE(0) === 0xfeff) return decodeUtf16(bytes.subarray(2), 'le');
  if (bytes.readUInt16BE(0) === 0xfeff) return decodeUtf16(bytes.subarray(2), 'be');
  const isUtf8Marked = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  // Zeros mean nothing there: the mark is of UTF-8.
  return isUtf8Marked ? decodeBytes(bytes.subarray(3), null) : null;
}

// Not by TextDecoder: it puts U+FFFD where halves of pairs are to be removed.
function decodeUtf16(bytes: Buffer, order: 'le' | 'be'): string {
  const whole = bytes.subarray(0, bytes.length - (bytes.length % 2));
  return (order === 'le' ? whole : Buffer.from(whole).swap16()).toString('utf16le');
}

/** On which side of each pair of bytes the zeros are, when there are so many on one side only that it must be UTF-16. */
function zeroSide(bytes: Buffer): 'even' | 'odd' | null {
  const counts: [number, number] = [0, 0];
  const length = Math.min(bytes.length, SAMPLE_BYTES);
  for (let index = 0; index < length; index += 1) if (bytes[index] === 0) counts[(index & 1) as 0 | 1] += 1;
  const [even, odd] = counts;
  if (Math.max(even, odd) < length / 5 || Math.min(even, odd) * 10 > Math.max(even, odd)) return null;
  return even > odd ? 'even' : 'odd';
}

/** UTF-8 but for surrogates that were encoded one by one: pairs are put together, the clean-up removes halves. */
function decodeSurrogates(bytes: Buffer): string | null {
  const raw = bytes.toString('latin1');
  if (raw.search(HALF_PAIR) < 0) return null;
  const joined = raw.replace(SPLIT_PAIR, (_all, a: string, b: string, c: string, d: string) => {
    const [high, low] = [halfOf(a, b), halfOf(c, d)];
    return Buffer.from(String.fromCharCode(high, low), 'utf8').toString('latin1');
  });
  const cleaned = Buffer.from(joined.replace(HALF_PAIR, ''), 'latin1');
  return isUtf8(cleaned) ? cleaned.toString('utf8') : null;
}

function halfOf(second: string, third: string): number {
  return 0xd000 | ((second.charCodeAt(0) & 0x3f) << 6) | (third.charCodeAt(0) & 0x3f);
}

function decodeLegacy(bytes: Buffer, declared: string | null): string {
  const said = declared === null ? null : tryDecode(bytes, declared);
  if (said !== null) return said;
  const sample = sampleOf(bytes);
  if (isMostlyUtf8(sample)) throw invalid('The text mixes UTF-8 with bytes of another encoding.');
  const text = tryDecode(bytes, guessEncoding(sample)) ?? tryDecode(bytes, FALLBACK);
  if (text === null) throw invalid('The encoding of the text cannot be told.');
  return text;
}

// The guesses go by how often letters follow each other, which in short texts is close between the Latin alphabets.
function guessEncoding(sample: Buffer): string {
  const guesses = analyse(sample);
  const [best] = guesses;
  if (!best || best.confidence < MIN_CONFIDENCE) return FALLBACK;
  const western = guesses.find(({ name }) => WESTERN.has(name));
  const isClose = western !== undefined && western.confidence * 2 >= best.confidence;
  return isClose && LATIN.test(best.name) ? FALLBACK : best.name;
}

function tryDecode(bytes: Buffer, label: string): string | null {
  try {
    return new TextDecoder(label, { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** The first bytes beyond ASCII with what is around them: long stretches of ASCII tell nothing. */
function sampleOf(bytes: Buffer): Buffer {
  const parts: Buffer[] = [];
  let [size, index] = [0, 0];
  while (index < bytes.length && size < SAMPLE_BYTES) {
    if ((bytes[index] ?? 0) < 0x80) {
      index += 1;
      continue;
    }
    const part = bytes.subarray(Math.max(0, index - 16), index + 112);
    parts.push(part);
    size += part.length;
    index += 112;
  }
  return Buffer.concat(parts);
}

// In a legacy encoding bytes beyond ASCII hardly ever happen to form UTF-8; in a broken or mixed file many of them do.
function isMostlyUtf8(sample: Buffer): boolean {
  const high = sample.reduce((count, byte) => count + (byte >= 0x80 ? 1 : 0), 0);
  const sequences = sample
    .toString('latin1')
    .match(/[\xc3-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}/g);
  const inSequences = (sequences ?? []).reduce((count, sequence) => count + sequence.length, 0);
  return inSequences * 2 >= high;
}

function invalid(problem: string): DocumentParseError {
  return new DocumentParseError('invalid_encoding', `${problem} Save it as UTF-8 and send it again.`);
}
