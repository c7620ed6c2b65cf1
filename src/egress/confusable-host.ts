import { domainToUnicode } from 'node:url';

// Scripts that are written together in one word; a label of any other mixture passes itself off as something.
const FAMILIES: readonly RegExp[] = [
  /^[\p{Script=Latin}\p{Script=Common}\p{Script=Inherited}]*$/u,
  /^[\p{Script=Latin}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Common}\p{Script=Inherited}]*$/u,
  /^[\p{Script=Latin}\p{Script=Han}\p{Script=Hangul}\p{Script=Common}\p{Script=Inherited}]*$/u,
  /^[\p{Script=Latin}\p{Script=Han}\p{Script=Bopomofo}\p{Script=Common}\p{Script=Inherited}]*$/u,
];
const OTHER_SCRIPTS = ['Arabic', 'Armenian', 'Bengali', 'Cyrillic', 'Devanagari', 'Georgian', 'Greek', 'Gujarati']
  .concat(['Gurmukhi', 'Hebrew', 'Kannada', 'Khmer', 'Lao', 'Malayalam', 'Sinhala', 'Tamil', 'Telugu', 'Thai'])
  .map((script) => new RegExp(`^[\\p{Script=${script}}\\p{Script=Common}\\p{Script=Inherited}]*$`, 'u'));
// Letters that are drawn as Latin ones are: a word of nothing else reads as a Latin word.
const LATIN_LOOKALIKES = /^[асԁеһіјӏорԛѕԝхуъЬҽпгѵѡαικνορτυωχγ\d-]+$/u;
const ASCII = /^[\x20-\x7e]*$/;

/** Whether a host name is written with letters that look like other ones, to be taken for another name. */
export function isConfusableHost(hostname: string): boolean {
  if (!hostname.includes('xn--')) return false;
  const labels = domainToUnicode(hostname).split('.');
  const isLatinZone = ASCII.test(labels.at(-1) ?? '');
  return labels.some((label) => isConfusableLabel(label, isLatinZone));
}

function isConfusableLabel(label: string, isLatinZone: boolean): boolean {
  if (ASCII.test(label)) return label.startsWith('xn--');
  if (isLatinZone && LATIN_LOOKALIKES.test(label)) return true;
  return ![...FAMILIES, ...OTHER_SCRIPTS].some((script) => script.test(label));
}
