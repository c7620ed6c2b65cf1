import { createHash } from 'node:crypto';
import { readQuestion, type Question } from './guard/read-question.js';

/** A question with all that it is looked up by. */
export interface AskedQuestion {
  readonly projectId: string;
  /** Of everything in the request but the question, the project and the models included. */
  readonly scopeHash: string;
  readonly text: string;
  readonly questionHash: string;
  readonly factsHash: string;
  readonly question: Question;
}

/** The question as it is looked up. */
export function toAskedQuestion(projectId: string, scopeHash: string, text: string): AskedQuestion {
  const question = readQuestion(text);
  return { projectId, scopeHash, text, questionHash: hashOf(text), factsHash: hashOf(question.facts), question };
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}
