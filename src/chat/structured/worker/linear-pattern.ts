import { RE2JS } from 're2js';

/** A pattern that needs more than one pass over the text, which nobody promises to end. */
export class UnboundedPatternError extends Error {
  constructor(pattern: string) {
    const shown = pattern.length > 100 ? `${pattern.slice(0, 100)}…` : pattern;
    super(
      `has the pattern ${JSON.stringify(shown)}, which cannot be checked: patterns may have no look-around, no ` +
        'back-references and no repetition over 1,000',
    );
  }
}

/** What the schema compiler asks of a pattern: it tells them apart by their text. */
interface Pattern {
  test(text: string): boolean;
  toString(): string;
}

function compilePattern(pattern: string): Pattern {
  try {
    const compiled = RE2JS.compile(RE2JS.translateRegExp(pattern));
    return { test: (text) => compiled.matcher(text).find(), toString: () => pattern };
  } catch {
    throw new UnboundedPatternError(pattern);
  }
}

/** Compiles patterns of schemas so that a match takes time in proportion to the text. Throws UnboundedPatternError. */
export const linearPattern = Object.assign(compilePattern, { code: 'linearPattern' });
