const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const COMMA = 0x2c;
const COLON = 0x3a;

/** Whether JSON text nests arrays and objects deeper than `maxDepth`. */
export function exceedsDepth(text: string, maxDepth: number): boolean {
  return excessOf(text, maxDepth, Infinity) === 'depth';
}

/**
 * What JSON text has too much of: it nests arrays and objects deeper than `maxDepth`, or has more than `maxParts` names and
 * values. One pass without recursion that ends where it is known; text that is not valid JSON gets some answer and is the
 * parser's to refuse.
 */
export function excessOf(text: string, maxDepth: number, maxParts: number): 'depth' | 'parts' | null {
  let [depth, parts] = [0, 0];
  for (let index = 0; index < text.length; index++) {
    switch (text.charCodeAt(index)) {
      case QUOTE:
        index = endOfString(text, index);
        break;
      case OPEN_BRACKET:
      case OPEN_BRACE:
        depth++;
        parts++;
        if (depth > maxDepth) return 'depth';
        break;
      case CLOSE_BRACKET:
      case CLOSE_BRACE:
        depth--;
        break;
      case COMMA:
      case COLON:
        parts++;
        break;
      default:
    }
    if (parts > maxParts) return 'parts';
  }
  return null;
}

function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end !== -1 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end === -1 ? text.length : end;
}

function isEscaped(text: string, index: number): boolean {
  let before = index - 1;
  while (text.charCodeAt(before) === BACKSLASH) before--;
  return (index - before) % 2 === 0;
}
