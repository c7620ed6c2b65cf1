/** What the whole answer is; `any` may be a bare text, number or word too. */
export type JsonRoot = 'object' | 'array' | 'any';

/** A part of what a model wrote: of the JSON, or of thoughts that it wrote into its text. */
export interface ExtractedPiece {
  readonly kind: 'json' | 'thought';
  readonly text: string;
}

/** A model that has not begun its JSON after so much will not: what it says instead is passed on. */
const MOST_PREAMBLE_CHARACTERS = 16_384;
/** Further ones are a part of the preamble. */
const MOST_THOUGHTS = 32;
const THOUGHTS = /^\s*<(think|thinking|reasoning)>/;
const MAYBE_THOUGHTS = /^\s*<[a-z]{0,9}$/;
const FENCE = /^\s*(?:`{0,2}$|```[A-Za-z0-9]*(?:\s|$))/;
const WHOLE_FENCE = /^\s*```[A-Za-z0-9]*\s/;
const OPENING: Readonly<Record<JsonRoot, readonly string[]>> = { object: ['{'], array: ['['], any: ['{', '['] };
const AFTER_BRACE = /["}]/;
const AFTER_BRACKET = /["{[\]\-0-9tfn]/;

type State = 'seeking' | 'thinking' | 'inside' | 'after' | 'plain';

/**
 * Finds the one JSON value in a model's text while it comes, and passes it on at once: fences, talk before and after it are
 * left out, thoughts between tags at the beginning are told apart. When there is no JSON the text passes as it is, in the
 * end or once it is too long for a mere preamble. The first value counts.
 */
export class JsonExtractor {
  readonly #root: JsonRoot;
  #state: State = 'seeking';
  /** What may turn out to be a preamble, or the end of a tag. */
  #held = '';
  /** How much of what is held was looked at. */
  #looked = 0;
  #closingTag = '';
  #thoughts = 0;
  #depth = 0;
  #isInString = false;
  #isEscaped = false;

  constructor(root: JsonRoot) {
    this.#root = root;
  }

  /** True once JSON was passed on, or text in place of it. */
  get hasBegun(): boolean {
    return this.#state !== 'seeking' && this.#state !== 'thinking';
  }

  add(text: string): ExtractedPiece[] {
    const pieces: ExtractedPiece[] = [];
    this.#take(text, pieces);
    return pieces;
  }

  /** What is left when the model has ended, or does something else. */
  end(): ExtractedPiece[] {
    const held = this.#held;
    this.#held = '';
    this.#looked = 0;
    if (held === '') return [];
    if (this.#state === 'thinking') return [{ kind: 'thought', text: held }];
    return this.#state === 'seeking' ? [{ kind: 'json', text: withoutFences(held) }] : [];
  }

  #take(text: string, pieces: ExtractedPiece[]): void {
    if (text === '') return;
    switch (this.#state) {
      case 'seeking':
        this.#held += text;
        this.#seek(pieces);
        return;
      case 'thinking':
        this.#think(this.#held + text, pieces);
        return;
      case 'inside':
        this.#follow(text, pieces);
        return;
      case 'plain':
        pieces.push({ kind: 'json', text });
        return;
      case 'after':
        return;
    }
  }

  #seek(pieces: ExtractedPiece[]): void {
    if (this.#looked === 0 && this.#thoughts < MOST_THOUGHTS) {
      const tag = THOUGHTS.exec(this.#held);
      if (tag) {
        const rest = this.#held.slice(tag[0].length);
        this.#closingTag = `</${tag[1] ?? ''}>`;
        this.#held = '';
        this.#thoughts += 1;
        this.#state = 'thinking';
        this.#take(rest, pieces);
        return;
      }
      if (MAYBE_THOUGHTS.test(this.#held)) return;
    }
    const start = this.#findStart();
    if (start === null) return;
    const held = this.#held;
    this.#held = '';
    this.#state = start === 'plain' ? 'plain' : 'inside';
    this.#take(start === 'plain' ? held : held.slice(start), pieces);
  }

  // Null while it cannot be known yet.
  #findStart(): number | 'plain' | null {
    const held = this.#held;
    if (this.#root === 'any' && !this.#mayBeStructured(held)) return WHOLE_FENCE.test(held) ? null : 'plain';
    for (; this.#looked < held.length; this.#looked += 1) {
      const character = held.charAt(this.#looked);
      if (!OPENING[this.#root].includes(character)) continue;
      const next = /\S/.exec(held.slice(this.#looked + 1))?.[0];
      if (next === undefined) break;
      if ((character === '{' ? AFTER_BRACE : AFTER_BRACKET).test(next)) return this.#looked;
    }
    return held.length > MOST_PREAMBLE_CHARACTERS ? 'plain' : null;
  }

  // Nothing but blanks and an opened fence may stand before a value that could as well be a word.
  #mayBeStructured(held: string): boolean {
    const body = held.replace(WHOLE_FENCE, '').trimStart();
    return (
      body === '' || body.startsWith('{') || body.startsWith('[') || (body === held.trimStart() && FENCE.test(held))
    );
  }

  #think(text: string, pieces: ExtractedPiece[]): void {
    const end = text.indexOf(this.#closingTag);
    if (end >= 0) {
      if (end > 0) pieces.push({ kind: 'thought', text: text.slice(0, end) });
      this.#held = '';
      this.#looked = 0;
      this.#state = 'seeking';
      this.#take(text.slice(end + this.#closingTag.length), pieces);
      return;
    }
    const kept = tagBegunAt(text, this.#closingTag);
    if (kept > 0) pieces.push({ kind: 'thought', text: text.slice(0, kept) });
    this.#held = text.slice(kept);
  }

  #follow(text: string, pieces: ExtractedPiece[]): void {
    for (let at = 0; at < text.length; at += 1) {
      this.#note(text.charAt(at));
      if (this.#depth > 0) continue;
      this.#state = 'after';
      pieces.push({ kind: 'json', text: text.slice(0, at + 1) });
      return;
    }
    pieces.push({ kind: 'json', text });
  }

  #note(character: string): void {
    if (this.#isEscaped) {
      this.#isEscaped = false;
    } else if (this.#isInString) {
      if (character === '\\') this.#isEscaped = true;
      else if (character === '"') this.#isInString = false;
    } else if (character === '"') this.#isInString = true;
    else if (character === '{' || character === '[') this.#depth += 1;
    else if (character === '}' || character === ']') this.#depth -= 1;
  }
}

/** Where a tag may have begun at the end of the text; its length when none has. */
function tagBegunAt(text: string, tag: string): number {
  for (let length = Math.min(tag.length - 1, text.length); length > 0; length -= 1) {
    if (tag.startsWith(text.slice(-length))) return text.length - length;
  }
  return text.length;
}

function withoutFences(text: string): string {
  if (!WHOLE_FENCE.test(text)) return text;
  return text.replace(WHOLE_FENCE, '').replace(/\s*```\s*$/, '');
}
