import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { JsonExtractor, type JsonRoot } from './json-extractor.js';

/** What comes out, whatever the pieces it came in: the JSON and the thoughts. */
function extract(root: JsonRoot, pieces: readonly string[]): { json: string; thoughts: string } {
  const extractor = new JsonExtractor(root);
  const found = [...pieces.flatMap((piece) => extractor.add(piece)), ...extractor.end()];
  const join = (kind: string): string =>
    found
      .filter((piece) => piece.kind === kind)
      .map(({ text }) => text)
      .join('');
  return { json: join('json'), thoughts: join('thought') };
}

describe(JsonExtractor.name, () => {
  it.each<[JsonRoot, string, string]>([
    ['object', '{"a":1}', '{"a":1}'],
    ['object', '```json\n{"a":"}"}\n```\nThere you are.', '{"a":"}"}'],
    ['object', 'Here it is: { "a": [1, {"b": "\\"}"}] } Anything else?', '{ "a": [1, {"b": "\\"}"}] }'],
    ['object', 'A set {x} and [1], then {} at last', '{}'],
    ['object', '{"a": 1', '{"a": 1'],
    ['object', 'I cannot do that.', 'I cannot do that.'],
    ['object', '', ''],
    ['array', 'The list: [ {"a":1} ]', '[ {"a":1} ]'],
    ['array', 'See [Ada]. ["x"]', '["x"]'],
    ['any', '42', '42'],
    ['any', '  "a text"', '  "a text"'],
    ['any', '```json\n"a text"\n```', '"a text"'],
    ['any', '```\n{"a":1}\n```', '{"a":1}'],
    ['any', '[1, 2]', '[1, 2]'],
    ['any', 'null', 'null'],
  ])('%s: %j', (root, text, expected) => {
    expect(extract(root, [text]).json).toBe(expected);
    expect(extract(root, Array.from(text)).json).toBe(expected);
  });

  it('keeps thoughts apart that stand in tags', () => {
    const text = '<think>\nMaybe {"a": 0}? No < 1.</think>\n\n{"a":1}';
    for (const pieces of [[text], Array.from(text)]) {
      expect(extract('object', pieces)).toEqual({ json: '{"a":1}', thoughts: '\nMaybe {"a": 0}? No < 1.' });
    }
    expect(extract('object', ['<thinking>never', ' ending</thin'])).toEqual({
      json: '',
      thoughts: 'never ending</thin',
    });
    expect(extract('object', ['<b>{"a":1}</b>']).json).toBe('{"a":1}');
  });

  it('passes talk on that never comes to JSON, before it fills the memory', () => {
    const extractor = new JsonExtractor('object');
    expect(extractor.add('x'.repeat(16_384))).toEqual([]);
    expect(extractor.add('y')).toEqual([{ kind: 'json', text: `${'x'.repeat(16_384)}y` }]);
    expect(extractor.add('{"a":1}')).toEqual([{ kind: 'json', text: '{"a":1}' }]);
  });

  it('passes JSON on as it comes', () => {
    const extractor = new JsonExtractor('object');
    const sent = ['```json\n', '{', '"a"', ': "x', 'y', '"}', '\n```'].map((piece) =>
      extractor.add(piece).map(({ text }) => text),
    );
    expect(sent).toEqual([[], [], ['{"a"'], [': "x'], ['y'], ['"}'], []]);
  });

  it('finds any JSON in any talk without braces, however it is cut', () => {
    const talk = fc.string().filter((text) => !/[{[<`]/.test(text));
    const value = fc.oneof(fc.dictionary(fc.string(), fc.jsonValue()), fc.array(fc.jsonValue()));
    const cuts = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1 });
    fc.assert(
      fc.property(talk, value, talk, cuts, (before, data, after, lengths) => {
        const json = JSON.stringify(data);
        const text = before + json + after;
        const pieces: string[] = [];
        for (let at = 0, n = 0; at < text.length; n += 1) {
          const length = lengths[n % lengths.length] ?? 1;
          pieces.push(text.slice(at, at + length));
          at += length;
        }
        expect(extract(Array.isArray(data) ? 'array' : 'object', pieces).json).toBe(json);
      }),
    );
  });

  it('comes to an end with thoughts upon thoughts, and still finds what is after them', () => {
    const pieces = new JsonExtractor('object').add(`${'<think></think>'.repeat(50_000)}{"a":1}`);
    expect(pieces.map(({ text }) => text).join('')).toBe('{"a":1}');
  });
});
