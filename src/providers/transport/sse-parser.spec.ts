import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type SseEvent, SseParser } from './sse-parser.js';

function parse(text: string, limit = 1000): SseEvent[] {
  const parser = new SseParser(limit);
  return [...parser.push(Buffer.from(text)), ...parser.end()];
}

describe(SseParser.name, () => {
  it.each<[string, string, SseEvent[]]>([
    ['one event', 'data: a\n\n', [{ event: '', data: 'a' }]],
    ['a named event', 'event: ping\ndata: {}\n\n', [{ event: 'ping', data: '{}' }]],
    [
      'a name that does not last',
      'event: x\ndata: 1\n\ndata: 2\n\n',
      [
        { event: 'x', data: '1' },
        { event: '', data: '2' },
      ],
    ],
    ['a name without data', 'event: x\n\ndata: 2\n\n', [{ event: '', data: '2' }]],
    ['several data lines', 'data: a\ndata: b\ndata\n\n', [{ event: '', data: 'a\nb\n' }]],
    ['only one space taken', 'data:  a\ndata:b\n\n', [{ event: '', data: ' a\nb' }]],
    [
      'CRLF',
      'data: a\r\n\r\ndata: b\r\n\r\n',
      [
        { event: '', data: 'a' },
        { event: '', data: 'b' },
      ],
    ],
    [
      'CR',
      'data: a\r\rdata: b\r\r',
      [
        { event: '', data: 'a' },
        { event: '', data: 'b' },
      ],
    ],
    ['a byte order mark', '\uFEFFdata: a\n\n', [{ event: '', data: 'a' }]],
    ['comments and unknown fields', ': hi\nid: 1\nretry: 2\nfoo: bar\nbaz\ndata: a\n\n', [{ event: '', data: 'a' }]],
    [
      'an open end',
      'data: a\n\ndata: b',
      [
        { event: '', data: 'a' },
        { event: '', data: 'b' },
      ],
    ],
    ['empty data', 'data:\n\n', [{ event: '', data: '' }]],
    ['nothing', '\n\n\n', []],
  ])('reads %s', (_what, text, events) => {
    expect(parse(text)).toEqual(events);
  });

  it('gives the same events wherever the bytes are cut', () => {
    const line = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 12 }).map((text) => `data: ${text.replaceAll(/[\r\n]/g, '')}`),
      fc.constantFrom('event: x', ': comment', 'id: 7', '', ''),
    );
    const end = fc.constantFrom('\n', '\r\n', '\r');
    const stream = fc
      .tuple(fc.array(line, { maxLength: 12 }), end)
      .map(([lines, with_]) => lines.map((each) => each + with_).join(''));
    fc.assert(
      fc.property(stream, fc.array(fc.nat(200), { maxLength: 8 }), (text, cuts) => {
        const bytes = Buffer.from(text);
        const parser = new SseParser(1000);
        const events: SseEvent[] = [];
        let start = 0;
        for (const cut of [...cuts.sort((left, right) => left - right), bytes.length]) {
          events.push(...parser.push(bytes.subarray(start, Math.max(start, cut))));
          start = Math.max(start, Math.min(cut, bytes.length));
        }
        expect([...events, ...parser.end()]).toEqual(parse(text));
      }),
    );
  });

  it.each([
    ['a line without an end', () => 'x'.repeat(600)],
    ['data over many lines', () => `data: ${'x'.repeat(300)}\n`],
  ])('F17: stops at %s', (_what, piece) => {
    const parser = new SseParser(1000);
    const flood = (): void => {
      for (let count = 0; count < 10; count += 1) parser.push(Buffer.from(piece()));
    };
    expect(flood).toThrow(expect.objectContaining({ kind: 'too-large' }));
  });
});
