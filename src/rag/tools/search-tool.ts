import type { JsonObject } from '../../core/json.js';
import type { ToolOutput } from '../../tools/server-tool.js';
import type { RetrievedChunk } from '../store/load-chunks.js';

const DEFAULT_RESULTS = 5;
const MOST_RESULTS = 20;
const MOST_QUERY_CHARACTERS = 2_000;

/** The arguments of a tool that searches. */
export const SEARCH_PARAMETERS: JsonObject = {
  type: 'object',
  additionalProperties: false,
  required: ['query'],
  properties: {
    query: {
      type: 'string',
      minLength: 1,
      maxLength: MOST_QUERY_CHARACTERS,
      description: 'What is looked for, as a question or in words that the documents may use.',
    },
    max_results: {
      type: 'integer',
      minimum: 1,
      maximum: MOST_RESULTS,
      description: `How many passages at most; ${String(DEFAULT_RESULTS)} when left out.`,
    },
  },
};

/** What a search was asked for, by arguments that fit the parameters. */
export function toSearchTerms({ query, max_results: limit }: JsonObject): { query: string; limit: number } {
  return {
    query: typeof query === 'string' ? query : '',
    limit: typeof limit === 'number' ? limit : DEFAULT_RESULTS,
  };
}

/** The passages that were found, as JSON: data that no passage can break out of. */
export function toSearchOutput(hits: readonly RetrievedChunk[]): ToolOutput {
  const results = hits.map(({ documentId, source, title, text, page, score }, index) => ({
    n: index + 1,
    document_id: documentId,
    source,
    ...(title !== null && { title }),
    ...(page !== null && { page }),
    score: Number(score.toFixed(4)),
    text,
  }));
  return { content: JSON.stringify({ results }), isError: false };
}
