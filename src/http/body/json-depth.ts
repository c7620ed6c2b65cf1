import { endOfString } from '../../core/end-of-string.js';

const QUOTE = 0x22;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const COMMA = 0x2c;
const COLON = 0x3a;

/** What parts cost at worst, in as many numbers: texts and names that are all different, each name in an object of its own. */
const COST_OF_TEXT = 4;
const COST_OF_NAME = 7;
const COST_OF_LIST = 2;
/** No API takes a list of more elements than these that are no numbers. */
const LONG_LIST = 20_000;

/** Whether JSON text nests arrays and objects deeper than `maxDepth`. */
export function exceedsDepth(text: string, maxDepth: number): boolean {
  return excessOf(text, maxDepth, Infinity) === 'depth';
}

/**
 * What JSON text has too much of: it nests arrays and objects deeper than `maxDepth`, or takes longer to parse than `maxParts`
 * numbers might, `elements` where a long list in the outermost object is why. One pass without recursion; text that is not valid JSON gets some answer and is the parser's to refuse.
 */
export function excessOf(text: string, maxDepth: number, maxParts: number): 'depth' | 'parts' | 'elements' | null {
  let [depth, parts, memberAt] = [0, 0, -1];
  for (let index = 0; index < text.length; index++) {
    switch (text.charCodeAt(index)) {
      case QUOTE:
        index = endOfString(text, index);
        parts += COST_OF_TEXT;
        break;
      case OPEN_BRACKET:
      case OPEN_BRACE:
        depth++;
        parts += COST_OF_LIST;
        if (depth > maxDepth) return 'depth';
        if (depth === 2) memberAt = index;
        break;
      case CLOSE_BRACKET:
      case CLOSE_BRACE:
        depth--;
        break;
      case COMMA:
        parts++;
        break;
      case COLON:
        parts += COST_OF_NAME - COST_OF_TEXT;
        break;
      default:
    }
    if (parts > maxParts) return whereIsMost(text, memberAt, index);
  }
  return null;
}

/** Whether a long list, which begins at `start` and goes on at `end`, is why there are too many parts. */
function whereIsMost(text: string, start: number, end: number): 'elements' | 'parts' {
  if (text.charCodeAt(start) !== OPEN_BRACKET) return 'parts';
  let [depth, elements] = [0, 1];
  for (let index = start; index < end; index++) {
    const code = text.charCodeAt(index);
    if (code === QUOTE) index = endOfString(text, index);
    else if (code === OPEN_BRACKET || code === OPEN_BRACE) depth++;
    else if (code === CLOSE_BRACKET || code === CLOSE_BRACE) depth--;
    else if (code === COMMA && depth === 1) elements++;
  }
  return depth > 0 && elements > LONG_LIST ? 'elements' : 'parts';
}
