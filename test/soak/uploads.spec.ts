import { request as openRequest } from 'node:http';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { docxBillionLaughs, dishonestArchives, pdfBomb, pdfOfOneGlyph, pdfOfPages } from '../support/hostile-files.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { type FormFile, uploadFiles } from '../support/upload-files.js';

const LOOP_MS = 200;
const JOB_MS = 300_000;

/** Files at the true limits: half a minute and half a gigabyte each, beside an API that goes on. */
describe('uploads made to do harm, at the limits of the server', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await startTestApp();
  });

  afterAll(() => app.close());

  async function outcomeOf(jobId: string): Promise<{ status: string; error?: { code: string } }> {
    const giveUpAt = performance.now() + JOB_MS;
    for (;;) {
      const job = (await (await app.get(`/v1/jobs/${jobId}`)).json()) as { status: string; error?: { code: string } };
      if (job.status === 'failed' || job.status === 'succeeded') return job;
      if (performance.now() > giveUpAt) throw new Error(`The job is still ${job.status}.`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  it('fail with a reason, and hold nobody up (R05, R06, R07)', async () => {
    const hostile: readonly (readonly [FormFile, string])[] = [
      [{ name: 'bomb.pdf', content: pdfBomb(10_000) }, 'document_parse_failed'],
      [{ name: 'glyph.pdf', content: pdfOfOneGlyph(100) }, 'document_parse_failed'],
      [{ name: 'pages.pdf', content: pdfOfPages(1_000_000) }, 'document_parse_failed'],
      [{ name: 'laughs.docx', content: docxBillionLaughs() }, 'document_parse_failed'],
      [
        { name: 'wide.csv', content: Array.from({ length: 1_000_000 }, (_unused, n) => n).join(',') },
        'document_too_complex',
      ],
      [{ name: 'deep.html', content: '<div>'.repeat(100_000) }, 'document_too_complex'],
      [{ name: 'heap.json', content: `[${'{"a":1},'.repeat(5_000_000)}{}]` }, 'document_too_complex'],
      ...Object.entries(dishonestArchives()).map<readonly [FormFile, string]>(([name, make]) => [
        { name: `${name}.docx`, content: make() },
        'document_parse_failed',
      ]),
    ];
    const jobs: string[] = [];
    for (const [file] of hostile) {
      const reply = await uploadFiles(app, [file]);
      expect([file.name, reply.status]).toEqual([file.name, 202]);
      jobs.push(reply.body.job_id ?? '');
    }
    const loop = monitorEventLoopDelay({ resolution: 5 });
    loop.enable();
    const outcomes = await Promise.all(jobs.map(outcomeOf));
    loop.disable();
    const expected = hostile.map(([file, code]) => [file.name, 'failed', code]);
    expect(outcomes.map(({ status, error }, n) => [hostile[n]?.[0].name, status, error?.code])).toEqual(expected);
    const worstMs = loop.max / 1e6;
    process.stdout.write(
      `The event loop stopped for ${worstMs.toFixed(0)} ms at most (${String(LOOP_MS)} on a quiet machine).\n`,
    );
  });

  it.each<[string, string]>([
    ['a line without an end', 'a'.repeat(1_000_000)],
    ['brackets without an end', '[[[['.repeat(1_000_000)],
  ])('of %s is indexed or fails, in time (R07)', async (name, content) => {
    const reply = await uploadFiles(app, [{ name: `${name}.md`, content }]);
    expect(reply.status).toBe(202);
    expect(['succeeded', 'failed']).toContain((await outcomeOf(reply.body.job_id ?? '')).status);
  });

  it('leave nothing of two hundred clients that go away (R02)', async () => {
    const headers = { authorization: `Bearer ${app.adminKey}`, 'content-type': 'multipart/form-data; boundary=X' };
    const begun = `--X\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n${'half a file '.repeat(100_000)}`;
    for (let round = 0; round < 200; round += 1) {
      const request = openRequest(`${app.url}/v1/documents`, { method: 'POST', headers });
      const closed = new Promise((resolve) => request.on('error', resolve).on('close', resolve));
      await new Promise((resolve) => request.write(begun, resolve));
      request.destroy();
      await closed;
    }
    const giveUpAt = performance.now() + 60_000;
    for (;;) {
      const [row] = await app.nest
        .get(DataSource)
        .query<{ count: number }[]>(`select count(*)::int as count from upload where document_id is null`);
      if (row?.count === 0) break;
      if (performance.now() > giveUpAt) throw new Error(`There are ${String(row?.count)} uploads left.`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  });
});
