import { describe, expect, it } from '@jest/globals';
import type { RetrievedChunk } from '../store/load-chunks.js';
import { readSource, statementBefore, verifyCitation } from './verify-citation.js';

const DOCUMENT = 'Preface. A trunk line joins the switchboards of a network. It costs 42 dollars a month. The end.';
const SOURCE: RetrievedChunk = {
  chunkId: 'chunk_1',
  id: 'chunk_1',
  documentId: 'doc_1',
  source: 'a.md',
  title: 'Lines',
  text: DOCUMENT.slice(9),
  start: 9,
  end: DOCUMENT.length,
  metadata: {},
  score: 1,
  lexical: 1,
  dense: 1,
  page: null,
  version: 1,
  ordinal: 0,
};

function verify(answer: string): ReturnType<typeof verifyCitation> {
  const start = answer.lastIndexOf('[1]');
  return verifyCitation(answer, { n: 1, start, end: start + 3 }, readSource(SOURCE));
}

describe('statementBefore', () => {
  it.each([
    ['First one. Second one [1].', 'Second one'],
    ['First one. Second one. [1]', 'Second one.'],
    ['First [1]. Second [1]', 'Second'],
    ['Both agree [2][1]', 'Both agree'],
    ['# Title\n- item here [1]', '- item here'],
    ['[1]', ''],
  ])('finds what the last marker of %j stands behind', (answer, expected) => {
    const { start, end } = statementBefore(answer, answer.lastIndexOf('[1]'));
    expect(answer.slice(start, end)).toBe(expected);
  });
});

describe('hostile answers', () => {
  it.each([' ', '.', '[1]', '. ', '[1] ', '"'])('cost little: %j again and again', (unit) => {
    const answer = `Words${unit.repeat(60_000)}[1]`;
    const before = process.cpuUsage();
    for (let time = 0; time < 200; time += 1) statementBefore(answer, answer.length - 3);
    expect(process.cpuUsage(before).user / 1_000).toBeLessThan(1_000);
  });
});

describe('verifyCitation', () => {
  it('points to the passage that the statement stands on, exactly', () => {
    const citation = verify('It joins things [2]. The monthly price is 42 dollars [1].');
    expect(citation.quote).toBe('It costs 42 dollars a month.');
    expect(DOCUMENT.slice(citation.start, citation.end)).toBe(citation.quote);
  });

  it('does not support a statement without the "not" of its passage', () => {
    const text = 'The pass covers trams. It does not cover the night bus, whatever the hour.';
    const read = readSource({ ...SOURCE, text, end: SOURCE.start + text.length });
    const check = (answer: string): boolean =>
      verifyCitation(answer, { n: 1, start: answer.length - 3, end: answer.length }, read).isSupported;
    expect(check('The night bus is covered whatever the hour [1]')).toBe(false);
    expect(check('The night bus is not covered whatever the hour [1]')).toBe(true);
    expect(check('The pass covers trams [1]')).toBe(true);
  });

  it('covers the statement and its marker', () => {
    const answer = 'Well. A trunk line joins the switchboards [1].';
    const citation = verify(answer);
    expect(answer.slice(citation.answerStart, citation.answerEnd)).toBe('A trunk line joins the switchboards [1]');
  });

  it.each([
    ['A trunk line joins the switchboards [1].', true],
    ['Lines join switchboards in every network [1].', true],
    ['The line costs 43 dollars a month [1].', false],
    ['Penguins live near the south pole [1].', false],
    ['A trunk line does not join the switchboards [1].', false],
    ['Trunk lines never join the switchboards of a network [1].', false],
    ['It costs not only 42 dollars a month [1].', true],
    ['A trunk line, says Graham Bell of Boston, joins the switchboards of a network [1].', false],
    ['It costs forty dollars, or 42.00, a month [1].', false],
    ['[1]', false],
  ])('says whether the source supports %j', (answer, expected) => {
    expect(verify(answer).isSupported).toBe(expected);
  });
});
