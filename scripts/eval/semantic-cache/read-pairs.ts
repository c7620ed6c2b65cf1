import { readFileSync } from 'node:fs';
import type { QuestionPair } from './measure-guards.js';

const FOLDER = new URL('../../../test/fixtures/semantic-cache/', import.meta.url);

/**
 * The pairs of a set: `paraphrases` may share an answer, `traps` must not; `held-out` holds some of both kinds, which were
 * written when the guards were finished and changed nothing of them.
 */
export function readPairs(set: 'paraphrases' | 'traps' | 'held-out'): QuestionPair[] {
  const lines = readFileSync(new URL(`${set}.jsonl`, FOLDER), 'utf8')
    .trim()
    .split('\n');
  return lines.map((line) => JSON.parse(line) as QuestionPair);
}
