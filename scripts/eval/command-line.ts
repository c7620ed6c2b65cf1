import { parseArgs } from 'node:util';

export const USAGE = `npm run eval -- --data FOLDER [options]

Measures retrieval and answers on test collections: a folder in BEIR's layout (corpus.jsonl, queries.jsonl,
qrels/test.tsv; answers.jsonl for answers), one with spans (docs/, questions.jsonl), or a folder of such folders. Starts a
server of its own with fresh data, unless --url names a running one.

  --data FOLDER        what to measure on
  --split NAME         which judgements to use (test)
  --limit N            only the first N queries
  --mode MODES         hybrid, dense, lexical, or several with commas (hybrid)
  --model NAME         embedding model (the server's default)
  --answer-model NAME  model that answers (the server's default)
  --no-answers         rankings and passages only
  --databases LIST     with commas: embedded, or URLs of empty PostgreSQL databases (embedded)
  --url URL --key KEY  a running server, and a key of it with the scope rag
  --check              exit with 1 when a score is below its floor, or hybrid search behind its better leg
  --write FILE         write a Markdown page of all that was measured
`;

/** What the command line asks for. */
export interface EvaluationOptions {
  data: string;
  split: string;
  limit: number;
  modes: string[];
  model?: string;
  answerModel?: string;
  withAnswers: boolean;
  /** Missing for the embedded one. */
  databases: (string | undefined)[];
  server?: { url: string; key: string };
  check: boolean;
  write?: string;
}

const MODES = ['hybrid', 'dense', 'lexical'];

/** Reads the command line; null when help is wanted. Throws when it makes no sense. */
export function readCommandLine(words: string[]): EvaluationOptions | null {
  const { values } = parseArgs({
    args: words,
    allowNegative: true,
    options: {
      data: { type: 'string' },
      split: { type: 'string', default: 'test' },
      limit: { type: 'string' },
      mode: { type: 'string', default: 'hybrid' },
      model: { type: 'string' },
      'answer-model': { type: 'string' },
      answers: { type: 'boolean', default: true },
      databases: { type: 'string', default: 'embedded' },
      url: { type: 'string' },
      key: { type: 'string' },
      check: { type: 'boolean', default: false },
      write: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return null;
  const { data, split, model, answers, url, key = '', check, write } = values;
  if (data === undefined) throw new Error('Which folder? Give --data FOLDER; --help shows all options.');
  return {
    data,
    split,
    model,
    check,
    write,
    answerModel: values['answer-model'],
    withAnswers: answers,
    limit: readLimit(values.limit),
    modes: readModes(values.mode),
    databases: values.databases.split(',').map((name) => (name === 'embedded' ? undefined : name)),
    server: url === undefined ? undefined : { url, key },
  };
}

function readLimit(limit: string | undefined): number {
  if (limit === undefined) return Infinity;
  if (/^[1-9]\d*$/.test(limit)) return Number(limit);
  throw new Error(`--limit takes a whole number from 1 on, not ${JSON.stringify(limit)}.`);
}

function readModes(list: string): string[] {
  const modes = list.split(',');
  const unknown = modes.find((mode) => !MODES.includes(mode));
  if (unknown === undefined) return modes;
  throw new Error(`--mode takes ${MODES.join(', ')}, not ${JSON.stringify(unknown)}.`);
}
