import type { ApiClient } from '../support/api-client.js';

interface Source {
  n: number;
  source: string;
  title: string | null;
}

interface Citation {
  n: number;
  quote: string;
  supported: boolean;
}

interface Done {
  answered: boolean;
  citations: Citation[];
  tokens_used: number;
  cost_usd: number | null;
  latency_ms: number;
  model: string | null;
  provider: string | null;
}

/** Asks one question and writes the answer as it streams in, then its citations and what it cost. */
export async function showAnswer(api: ApiClient, collection: string, question: string): Promise<void> {
  const out = process.stdout;
  out.write(`\n> ${question}\n\n`);
  let sources: Source[] = [];
  for await (const frame of api.stream('/v1/stream', { question, collection })) {
    if (frame.type === 'sources') sources = frame.sources as Source[];
    if (frame.type === 'delta') out.write(String(frame.text));
    if (frame.type === 'error') throw new Error(`The answer failed: ${JSON.stringify(frame.error)}`);
    if (frame.type === 'done') out.write(renderEnd(frame as unknown as Done, sources));
  }
}

function renderEnd(done: Done, sources: readonly Source[]): string {
  const lines = ['', ''];
  for (const citation of done.citations) {
    const source = sources.find((candidate) => candidate.n === citation.n);
    const quote = citation.quote.replace(/\s+/gu, ' ');
    const shown = quote.length > 90 ? `${quote.slice(0, 87)}...` : quote;
    lines.push(
      `  [${String(citation.n)}] ${source?.source ?? '?'}: "${shown}"${citation.supported ? '' : ' (not supported)'}`,
    );
  }
  const who = done.model === null ? 'no model was asked' : `${done.provider ?? '?'}/${done.model}`;
  const cost = done.cost_usd === null ? 'cost unknown' : `$${done.cost_usd.toFixed(6)}`;
  lines.push(`  ${who}, ${String(done.tokens_used)} tokens, ${cost}, ${String(done.latency_ms)} ms`, '');
  return lines.join('\n');
}
