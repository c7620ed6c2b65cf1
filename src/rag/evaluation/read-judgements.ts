import { InvalidRequestError } from '../../core/errors/app-error.js';
import { isJsonObject, type JsonValue } from '../../core/json.js';
import type { JudgedQuery } from './evaluation-job.js';

const MAX_QUERIES = 2_000;
const MAX_JUDGEMENTS = 20_000;
const MAX_QUERY_CHARACTERS = 4_000;
const MAX_GRADE = 100;

/**
 * Joins queries and judgements in BEIR's form, as its files hold them (lists of rows) or its loader gives them (objects by
 * id). Queries without a relevant document are left out, as BEIR does. Throws InvalidRequestError at what makes no sense.
 */
export function readJudgements(queries: JsonValue, qrels: JsonValue): JudgedQuery[] {
  const texts = readQueries(queries);
  const judgements = readQrels(qrels);
  for (const id of judgements.keys()) {
    if (!texts.has(id))
      throw refuse('qrels', `\`qrels\` judges the query ${quote(id)}, which is not among \`queries\``);
  }
  const judged = [...judgements].flatMap(([id, relevance]) => {
    const isJudged = Object.values(relevance).some((grade) => grade > 0);
    return isJudged ? [{ id, text: texts.get(id) ?? '', relevance }] : [];
  });
  if (judged.length > 0) return judged;
  throw refuse('qrels', '`qrels` must call at least one document relevant, with a score above 0');
}

function readQueries(value: JsonValue): Map<string, string> {
  const rows = Array.isArray(value) ? value.map(readQueryRow) : readMembers(value, 'queries').map(readQueryMember);
  if (rows.length === 0) throw refuse('queries', '`queries` must hold at least one query');
  if (rows.length > MAX_QUERIES) throw tooLong('queries', MAX_QUERIES);
  const texts = new Map(rows);
  if (texts.size < rows.length) throw refuse('queries', 'Every query must have an id of its own');
  return texts;
}

function readQueryRow(row: JsonValue, index: number): [string, string] {
  const path = `queries[${String(index)}]`;
  if (!isJsonObject(row)) throw refuse(path, `\`${path}\` must be an object with \`_id\` and \`text\``);
  return [readId(row._id, `${path}._id`), readText(row.text, `${path}.text`)];
}

function readQueryMember([id, text]: [string, JsonValue | undefined]): [string, string] {
  return [readId(id, 'queries'), readText(text, `queries[${quote(id)}]`)];
}

function readQrels(value: JsonValue): Map<string, Record<string, number>> {
  const judgements = new Map<string, Record<string, number>>();
  let count = 0;
  const add = (query: string, document: string, grade: number): void => {
    count += 1;
    if (count > MAX_JUDGEMENTS) throw tooLong('qrels', MAX_JUDGEMENTS);
    const relevance = judgements.get(query) ?? {};
    Object.defineProperty(relevance, document, { value: grade, enumerable: true, configurable: true, writable: true });
    judgements.set(query, relevance);
  };
  if (Array.isArray(value)) {
    for (const [index, row] of value.entries()) addRow(row, `qrels[${String(index)}]`, add);
    return judgements;
  }
  for (const [query, documents] of readMembers(value, 'qrels')) {
    const path = `qrels[${quote(query)}]`;
    for (const [document, grade] of readMembers(documents, path)) {
      add(readId(query, path), readId(document, path), readGrade(grade, `${path}[${quote(document)}]`));
    }
  }
  return judgements;
}

function addRow(row: JsonValue, path: string, add: (query: string, document: string, grade: number) => void): void {
  if (!isJsonObject(row))
    throw refuse(path, `\`${path}\` must be an object with \`query-id\`, \`corpus-id\` and \`score\``);
  add(
    readId(row['query-id'], `${path}.query-id`),
    readId(row['corpus-id'], `${path}.corpus-id`),
    readGrade(row.score, `${path}.score`),
  );
}

function readMembers(value: JsonValue | undefined, path: string): [string, JsonValue | undefined][] {
  if (isJsonObject(value)) return Object.entries(value);
  throw refuse(path, `\`${path}\` must be in BEIR's form: a list of rows, or an object by id`);
}

function readId(value: JsonValue | undefined, path: string): string {
  const id = typeof value === 'number' ? String(value) : value;
  if (typeof id === 'string' && id !== '' && id.length <= 2_000) return id;
  throw refuse(path, `\`${path}\` must be an id: a text of 1 to 2,000 characters, or a number`);
}

function readText(value: JsonValue | undefined, path: string): string {
  if (typeof value === 'string' && value.trim() !== '' && value.length <= MAX_QUERY_CHARACTERS) return value;
  throw refuse(path, `\`${path}\` must be a text of 1 to ${String(MAX_QUERY_CHARACTERS)} characters`);
}

function readGrade(value: JsonValue | undefined, path: string): number {
  if (typeof value === 'number' && value >= 0 && value <= MAX_GRADE) return value;
  throw refuse(path, `\`${path}\` must be a number from 0 to ${String(MAX_GRADE)}`);
}

function tooLong(param: string, most: number): InvalidRequestError {
  return new InvalidRequestError('array_too_long', `\`${param}\` may hold ${String(most)} entries at most.`, { param });
}

function refuse(param: string, message: string): InvalidRequestError {
  return new InvalidRequestError('invalid_value', `${message}.`, { param });
}

function quote(text: string): string {
  return JSON.stringify(text.slice(0, 100));
}
