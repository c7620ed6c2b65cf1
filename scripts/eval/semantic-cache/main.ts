import { parseArgs } from 'node:util';
import { embedLexically } from '../../../src/providers/adapters/local/embed-lexically.js';
import { ApiClient } from '../../support/api-client.js';
import { type EmbedTexts, measurePairs } from './measure-guards.js';
import { readPairs } from './read-pairs.js';
import { renderReport, type SemanticReport } from './render-report.js';
import { findShortfalls } from './semantic-floors.js';
import { writeSemanticPage } from './write-semantic-page.js';

const USAGE = `npm run eval:semantic-cache -- [options]

Measures the guards of the semantic cache with the pairs of questions in test/fixtures/semantic-cache: how many paraphrases
would get the answer that is there, and how many traps would get a wrong one. Without options with the built-in embedder.

  --url URL --key KEY --model NAME   an embedding model of a running server, and a key with the scope embeddings
  --check                            exit with 1 when a rate of the built-in embedder is worse than it must be
  --write FILE                       write the page of the documentation
`;
const BUILT_IN = 'local/lexical-384';
const BATCH = 64;

/** Runs the evaluation that the command line asks for; resolves to the exit code. */
export async function main(words: string[]): Promise<number> {
  const { values } = parseArgs({
    args: words,
    options: {
      url: { type: 'string' },
      key: { type: 'string' },
      model: { type: 'string' },
      check: { type: 'boolean', default: false },
      write: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const { url, key = '', model = BUILT_IN, check, write } = values;
  if (url === undefined && model !== BUILT_IN) throw new Error('Which server has the model? Give --url and --key.');
  const report = await measure(model, url === undefined ? embedHere : embedAt(new ApiClient(url, key), model));
  process.stdout.write(`${renderReport(report)}\n`);
  if (write !== undefined) await writeSemanticPage(write, report);
  const shortfalls = check ? findShortfalls(report) : [];
  for (const shortfall of shortfalls) process.stderr.write(`${shortfall}\n`);
  return shortfalls.length > 0 ? 1 : 0;
}

async function measure(model: string, embed: EmbedTexts): Promise<SemanticReport> {
  const heldOut = await measurePairs(readPairs('held-out'), embed);
  return {
    model,
    paraphrases: await measurePairs(readPairs('paraphrases'), embed),
    traps: await measurePairs(readPairs('traps'), embed),
    heldOut: {
      paraphrases: heldOut.filter(({ kind }) => kind === 'paraphrase'),
      traps: heldOut.filter(({ kind }) => kind === 'trap'),
    },
  };
}

const embedHere: EmbedTexts = (texts) => Promise.resolve(texts.map((text) => embedLexically(text)));

function embedAt(api: ApiClient, model: string): EmbedTexts {
  return async (texts) => {
    const vectors: Float32Array[] = [];
    for (let start = 0; start < texts.length; start += BATCH) {
      const body = { model, input: texts.slice(start, start + BATCH), encoding_format: 'float' };
      const { data } = await api.post<{ data: { embedding: number[] }[] }>('/v1/embeddings', body);
      vectors.push(...data.map(({ embedding }) => Float32Array.from(embedding)));
    }
    return vectors;
  };
}
