import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { parseAnswer, serialiseAnswer, type StoredAnswer } from '../response-cache/stored-answer.js';
import type { AskedQuestion } from './semantic-entry.js';

/** A question that was asked before, and how near it is: cosine similarity. */
export interface Neighbour {
  readonly id: string;
  readonly text: string;
  readonly similarity: number;
}

/** The nearest ones are looked at: where several differ in wording only the first that fits is taken. */
const MOST_NEIGHBOURS = 8;
const SECOND_MS = 1_000;
const SCOPE = `project_id = $1 and scope_hash = $2 and expires_at > now() and stored_at > now() - make_interval(secs => $3)`;

/** The table of answered questions. Every statement names the project. */
@Injectable()
export class SemanticStore {
  constructor(private readonly dataSource: DataSource) {}

  /** The answer to the very same question, not older than `maxAgeMs`; null when there is none. */
  async findSame(asked: AskedQuestion, maxAgeMs: number): Promise<StoredAnswer | null> {
    const { projectId, scopeHash, questionHash, text } = asked;
    const rows: { answer: Buffer }[] = await this.dataSource.query(
      `select answer from semantic_cache_entry where ${SCOPE} and question_hash = $4 and question = $5`,
      [projectId, scopeHash, maxAgeMs / SECOND_MS, questionHash, text],
    );
    return rows[0] ? parseAnswer(rows[0].answer) : null;
  }

  /** The nearest questions with the same facts, the nearest first, none less similar than `threshold`. */
  async findNearest(
    asked: AskedQuestion,
    vector: string,
    { maxAgeMs, threshold }: { maxAgeMs: number; threshold: number },
  ): Promise<Neighbour[]> {
    const { projectId, scopeHash, factsHash } = asked;
    const rows: { id: string; question: string; similarity: number }[] = await this.dataSource.query(
      `select id, question, similarity from (
         select id, question, -distance as similarity from (
           select id, question, embedding <#> $5::vector as distance from semantic_cache_entry
           where ${SCOPE} and facts_hash = $4 and dimensions = vector_dims($5::vector)
           order by distance, id desc limit $7) nearest
       ) neighbour where similarity >= $6 order by similarity desc, id desc`,
      [projectId, scopeHash, maxAgeMs / SECOND_MS, factsHash, vector, threshold, MOST_NEIGHBOURS],
    );
    return rows.map(({ id, question, similarity }) => ({ id, text: question, similarity }));
  }

  /** The answer of an entry of the project; null when it is gone. */
  async load(projectId: string, id: string): Promise<StoredAnswer | null> {
    const rows: { answer: Buffer }[] = await this.dataSource.query(
      'select answer from semantic_cache_entry where project_id = $1 and id = $2',
      [projectId, id],
    );
    return rows[0] ? parseAnswer(rows[0].answer) : null;
  }

  /** Keeps an answer, in place of an earlier one to the same question. */
  async save(asked: AskedQuestion, vector: string, answer: StoredAnswer, ttlMs: number): Promise<void> {
    const { projectId, scopeHash, questionHash, factsHash, text } = asked;
    await this.dataSource.query(
      `insert into semantic_cache_entry
         (project_id, scope_hash, question_hash, facts_hash, question, embedding, dimensions, answer, expires_at)
       values ($1, $2, $3, $4, $5, $6::vector, vector_dims($6::vector), $7, now() + make_interval(secs => $8))
       on conflict on constraint semantic_cache_entry_question_key do update set
         facts_hash = excluded.facts_hash, question = excluded.question, embedding = excluded.embedding,
         dimensions = excluded.dimensions,
         answer = excluded.answer, stored_at = now(), expires_at = excluded.expires_at`,
      [projectId, scopeHash, questionHash, factsHash, text, vector, serialiseAnswer(answer), ttlMs / SECOND_MS],
    );
  }

  /** Deletes what a project has beyond so many entries, those first that expire first. */
  async trim(projectId: string, maxEntries: number): Promise<void> {
    await this.dataSource.query(
      `delete from semantic_cache_entry where project_id = $1 and id in (
         select id from semantic_cache_entry where project_id = $1 order by expires_at desc, id desc offset $2)`,
      [projectId, maxEntries],
    );
  }

  /** Deletes what has expired. */
  async deleteExpired(): Promise<void> {
    await this.dataSource.query('delete from semantic_cache_entry where expires_at <= now()');
  }
}
