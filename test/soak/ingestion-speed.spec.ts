import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { DataSource } from 'typeorm';
import { runsOnServer } from '../support/database.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

const CORPUS = new URL('../../../shared/eval/scifact/corpus.jsonl', import.meta.url);
const AT_ONCE = 8;
const LONG_MS = 900_000;
const hasCorpus = existsSync(CORPUS);

if (!hasCorpus)
  process.stdout.write('How fast documents are indexed is left out: ../shared/eval/scifact is not there.\n');

(hasCorpus ? describe : describe.skip)('how fast documents come in and go', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await startTestApp();
  }, LONG_MS);

  afterAll(() => app.close(), LONG_MS);

  function say(line: string): void {
    process.stdout.write(`${runsOnServer ? 'PostgreSQL' : 'embedded'}: ${line}\n`);
  }

  async function untilIndexed(): Promise<void> {
    for (;;) {
      const [row] = await app.nest
        .get(DataSource)
        .query<{ n: number }[]>(`select count(*)::int as n from job where status in ('queued', 'running')`);
      if (row?.n === 0) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  it('indexes the abstracts of SciFact, and never holds up the process for long', async () => {
    const documents = readFileSync(CORPUS, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as { _id: string; title: string; text: string });
    const total = documents.length;
    const delays = monitorEventLoopDelay({ resolution: 10 });
    delays.enable();
    const begunAt = performance.now();
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        for (let next = documents.pop(); next; next = documents.pop()) {
          const { _id: id, title, text: content } = next;
          const response = await app.post('/v1/index', { source: id, document_id: `s-${id}`, title, content });
          expect(response.status).toBe(202);
          await response.text();
        }
      }),
    );
    const sentMs = performance.now() - begunAt;
    await untilIndexed();
    const seconds = (performance.now() - begunAt) / 1_000;
    delays.disable();
    say(`${String(total)} abstracts in ${seconds.toFixed(1)} s (sent within ${(sentMs / 1_000).toFixed(1)} s)`);
    say(
      `event loop delay p99 ${(delays.percentile(99) / 1e6).toFixed(0)} ms, most ${(delays.max / 1e6).toFixed(0)} ms`,
    );
    const [row] = await app.nest
      .get(DataSource)
      .query<{ n: number }[]>('select count(*)::int as n from document where current_version = 1');
    expect(row?.n).toBe(total);
  }, 900_000);

  it('indexes and deletes a document of a thousand chunks', async () => {
    const sections = Array.from(
      { length: 1_000 },
      (_, n) =>
        `# Section ${String(n)}\n\n${`Sentence ${String(n)} tells of subject${String(n % 97)} and more. `.repeat(24)}`,
    );
    const delays = monitorEventLoopDelay({ resolution: 10 });
    delays.enable();
    const begunAt = performance.now();
    const reply = await app.post('/v1/index', { source: 'long', document_id: 'long', content: sections.join('\n\n') });
    const { job_id: job } = (await reply.json()) as { job_id: string };
    await untilIndexed();
    const indexedMs = performance.now() - begunAt;
    delays.disable();
    const shown = (await (await app.get(`/v1/jobs/${job}`)).json()) as { result?: { chunks: number } };
    expect(shown.result?.chunks).toBeGreaterThanOrEqual(1_000);
    const deleteAt = performance.now();
    expect((await app.delete('/v1/documents/long')).status).toBe(200);
    const deletedMs = performance.now() - deleteAt;
    say(
      `${String(shown.result?.chunks)} chunks indexed in ${indexedMs.toFixed(0)} ms, deleted in ${deletedMs.toFixed(0)} ms`,
    );
    say(`event loop delay, most ${(delays.max / 1e6).toFixed(0)} ms`);
  }, 300_000);
});
