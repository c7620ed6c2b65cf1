import fc from 'fast-check';
import type { Schema } from './api-document.js';

const WORDS = ['godwit', 'the bar-tailed godwit flies', 'Zugvögel 鳥 🐦', 'a "quoted" word', 'line\nbreak'];

/** Values of a schema that is no list, object or choice: texts, numbers and switches within their bounds. */
export function readableValue(schema: Schema): fc.Arbitrary<unknown> {
  if (schema.type === 'boolean') return fc.boolean();
  if (schema.type === 'integer') return wholeNumber(schema);
  if (schema.type === 'number') return number(schema);
  if (schema.type === 'string') return text(schema);
  return fc.constantFrom<unknown>('text', 1, true);
}

function wholeNumber({ minimum = 0, maximum = minimum + 1_000 }: Schema): fc.Arbitrary<number> {
  // A bound says that it is valid: it is tried as often as what lies between.
  return fc.oneof(fc.constantFrom(minimum, maximum), fc.integer({ min: minimum, max: maximum }));
}

function number({ minimum = 0, maximum = minimum + 1_000 }: Schema): fc.Arbitrary<number> {
  // Of the length that people write.
  const between = fc.integer({ min: Math.ceil(minimum * 100), max: Math.floor(maximum * 100) }).map((n) => n / 100);
  return fc.oneof(fc.constantFrom(minimum, maximum), between);
}

function text(schema: Schema): fc.Arbitrary<string> {
  const { minLength = 0, maxLength = 200, pattern } = schema;
  const fits = (value: string): boolean => value.length >= minLength && value.length <= maxLength;
  if (pattern === '\\S' || pattern === undefined) {
    const words = WORDS.map((word) => word.repeat(Math.max(1, Math.ceil(minLength / word.length))));
    return fc.constantFrom(...words.map((word) => word.slice(0, maxLength)).filter(fits));
  }
  return fc.stringMatching(new RegExp(pattern)).filter(fits);
}
