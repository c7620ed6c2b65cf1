import { request as openRequest } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { JobRunner } from '../../src/jobs/job-runner.js';
import { UploadSweeper } from '../../src/rag/uploads/upload-sweeper.service.js';
import { pdfEncrypted } from '../support/hostile-files.js';
import { makeDocx, wordParagraph } from '../support/make-docx.js';
import { makePagedPdf, pdfLines } from '../support/make-pdf.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { type FormFile, rawForm, sendRawForm, uploadFiles, type UploadReply } from '../support/upload-files.js';

const FORM = 'multipart/form-data; boundary=X';
const LIMIT_BYTES = 1024 * 1024;

type Document = Record<'status' | 'source', string> & { title: string | null; metadata: object };

describe('uploads', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await startTestApp({ env: { UPLOAD_LIMIT: '1mb' } });
  });

  afterAll(() => app.close());

  // Whatever was sent, and however it ended: nothing stays but what a document needs.
  afterEach(async () => {
    await app.nest.get(JobRunner).settled(20_000);
    await untilNone(`select count(*)::int as count from upload u where u.document_id is null or not exists (
      select 1 from document_version v where v.project_id = u.project_id and v.document_id = u.document_id
        and v.version = u.version and v.status = 'pending')`);
  });

  async function untilNone(countSql: string): Promise<void> {
    const giveUpAt = performance.now() + 10_000;
    for (;;) {
      const [row] = await app.nest.get(DataSource).query<{ count: number }[]>(countSql);
      if (row?.count === 0) return;
      if (performance.now() > giveUpAt) throw new Error(`There are ${String(row?.count)} uploads left.`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async function indexed(reply: UploadReply): Promise<{ id: string; text: string; document: Document }> {
    const { job_id: jobId, document_id: id = '' } = reply.body;
    expect([reply.status, typeof jobId]).toEqual([202, 'string']);
    expect(await app.waitForJob(jobId ?? '')).toMatchObject({ status: 'succeeded' });
    const text = await (await app.get(`/v1/documents/${id}/text`)).text();
    return { id, text, document: (await (await app.get(`/v1/documents/${id}`)).json()) as Document };
  }

  const FILES: readonly (readonly [string, FormFile, string, string | null])[] = [
    [
      'text',
      { name: 'plain.txt', content: 'Plain words about trunk lines.\n' },
      'Plain words about trunk lines.\n',
      null,
    ],
    [
      'Markdown',
      { name: 'notes.md', content: '# Switchboards\n\nBody of it.' },
      '# Switchboards\n\nBody of it.',
      'Switchboards',
    ],
    ['HTML', { name: 'page.html', content: '<html><title>Page</title><p>A <b>paragraph</b>.' }, 'A paragraph.', 'Page'],
    ['CSV', { name: 'table.csv', content: 'name,city\nAnn,Kyiv\n' }, 'name: Ann\ncity: Kyiv', null],
    ['JSON lines', { name: 'rows.jsonl', content: '{"a":1}\n{"a":2}' }, 'a: 1\n\na: 2', null],
    ['Word', { name: 'a.docx', content: makeDocx(wordParagraph('Words in a file.')) }, 'Words in a file.', null],
  ];

  it.each(FILES)('index %s', async (_name, file, expected, title) => {
    const { text, document } = await indexed(await uploadFiles(app, [file], { metadata: '{"topic":"files"}' }));
    expect(text).toBe(expected);
    expect(document).toMatchObject({ status: 'ready', source: file.name, title, metadata: { topic: 'files' } });
  });

  it('index a PDF by page, with offsets that cut its words out of the stored text', async () => {
    const content = makePagedPdf([
      pdfLines(['The first page is about herons.']),
      pdfLines(['The second is about owls.']),
    ]);
    const made = await app.post('/v1/collections', { name: 'pdf' });
    expect(made.status).toBe(201);
    const { id, text } = await indexed(await uploadFiles(app, [{ name: 'birds.pdf', content }], { collection: 'pdf' }));
    expect(text).toBe('The first page is about herons.\n\nThe second is about owls.');
    const found = await app.post('/v1/search', { query: 'owls', collection: 'pdf' });
    const { results } = (await found.json()) as {
      results: { document_id: string; text: string; start: number; end: number }[];
    };
    expect(results[0]).toMatchObject({ document_id: id });
    expect(results.map(({ text: chunk, start, end }) => [chunk, text.slice(start, end)])).toEqual(
      results.map(({ text: chunk }) => [chunk, chunk]),
    );
  });

  it('take several files at once, each a document, and not one that is there already', async () => {
    await indexed(await uploadFiles(app, [{ name: 'known.txt', content: 'This one is known already.' }]));
    const reply = await uploadFiles(app, [
      { name: 'known.txt', content: 'This one is known already.', field: 'files' },
      { name: 'new.txt', content: 'This one is new here.', field: 'files' },
    ]);
    expect(reply).toMatchObject({
      status: 202,
      body: {
        object: 'list',
        data: [
          { status: 'unchanged', job_id: null, file_name: 'known.txt' },
          { status: 'queued', file_name: 'new.txt' },
        ],
      },
    });
    expect(await app.waitForJob(reply.body.data?.[1]?.job_id ?? '')).toMatchObject({ status: 'succeeded' });
  });

  it('R13 make one document of fifty uploads of the same file at once', async () => {
    const file = { name: 'same.md', content: '# Same\n\nEverybody sends this file at once.' };
    const replies = await Promise.all(Array.from({ length: 50 }, () => uploadFiles(app, [file])));
    expect(new Set(replies.map(({ body }) => body.document_id)).size).toBe(1);
    expect(replies.filter(({ status, body }) => status === 202 && body.status === 'queued')).toHaveLength(1);
    expect(replies.filter(({ status, body }) => status === 200 && body.status === 'unchanged')).toHaveLength(49);
    const queued = replies.find(({ body }) => body.status === 'queued');
    expect(await app.waitForJob(queued?.body.job_id ?? '')).toMatchObject({ status: 'succeeded' });
  });

  it('keep a name only as a label, without its folders (R01)', async () => {
    const disposition = 'Content-Disposition: form-data; name="file"; filename=';
    for (const [name, source] of [
      ['"../../etc/passwd.txt"', 'passwd.txt'],
      ['"..\\\\..\\\\x.txt"', 'x.txt'],
      ['"%2e%2e%2fq.txt"', '%2e%2e%2fq.txt'],
    ] as const) {
      const form = rawForm([{ headers: [`${disposition}${name}`], content: `Something called ${source} here.` }]);
      const { document } = await indexed(await sendRawForm(app, form, FORM));
      expect(document.source).toBe(source);
    }
    for (const name of ['".."', '"a/"']) {
      const reply = await sendRawForm(
        app,
        rawForm([{ headers: [`${disposition}${name}`], content: 'Something' }]),
        FORM,
      );
      expect([reply.status, reply.body.error?.code]).toEqual([400, 'invalid_filename']);
    }
  });

  const file = (content: string): { headers: string[]; content: string } => ({
    headers: ['Content-Disposition: form-data; name="file"; filename="a.txt"'],
    content,
  });
  const field = (name: string, content = 'x'): { headers: string[]; content: string } => ({
    headers: [`Content-Disposition: form-data; name="${name}"`],
    content,
  });

  it.each<[string, () => string, string]>([
    ['without a part', () => rawForm([]), FORM],
    ['without a file', () => rawForm([field('collection', 'default')]), FORM],
    [
      'with a file field in which none was chosen',
      () => rawForm([{ ...file(''), headers: ['Content-Disposition: form-data; name="file"; filename=""'] }]),
      FORM,
    ],
    [
      'with a file in another field',
      () => rawForm([{ ...file('x'), headers: ['Content-Disposition: form-data; name="a"; filename="a.txt"'] }]),
      FORM,
    ],
    ['without a boundary', () => rawForm([file('x')]), 'multipart/form-data'],
    ['with another boundary', () => rawForm([file('x')]), 'multipart/form-data; boundary=Y'],
    ['that is cut off', () => rawForm([file('some words')], ''), FORM],
    ['that is cut off in a header', () => `${rawForm([file('some words')], '')}--X\r\nContent-Dispo`, FORM],
    ['with a thousand files', () => rawForm(Array.from({ length: 1_000 }, () => file('x'))), FORM],
    [
      'with a thousand fields',
      () => rawForm(Array.from({ length: 1_000 }, (_unused, index) => field(`f${String(index)}`))),
      FORM,
    ],
    [
      'with a header of a megabyte',
      () => rawForm([{ headers: [`X-Long: ${'x'.repeat(1_000_000)}`], content: 'x' }]),
      FORM,
    ],
    ['with a field twice', () => rawForm([file('some words'), field('title', 'a'), field('title', 'b')]), FORM],
    ['with a field of a megabyte', () => rawForm([file('some words'), field('title', 'a'.repeat(1_000_000))]), FORM],
  ])('refuse a form %s (R02)', async (_name, body, type) => {
    const reply = await sendRawForm(app, body(), type);
    expect([reply.status, reply.body.error?.code]).toEqual([400, 'invalid_multipart']);
  });

  it.each<[string, Record<string, string>, string]>([
    ['fields that nest', { 'a[b][c]': 'x' }, 'unknown_parameter'],
    ['fields that fill arrays', { 'a[4294967296]': 'x' }, 'unknown_parameter'],
    ['fields that everything inherits', { ['__proto__']: 'x' }, 'unknown_parameter'],
    ['metadata that is no JSON', { metadata: '{a' }, 'invalid_json'],
    ['metadata that is no object', { metadata: '[1]' }, 'invalid_type'],
    ['NUL in a field', { title: 'a\0b' }, 'invalid_character'],
    ['an id that is none', { document_id: 'a b' }, 'invalid_value'],
  ])('refuse %s (R02)', async (_name, fields, code) => {
    const reply = await uploadFiles(app, [{ name: 'a.txt', content: 'some words to keep' }], fields);
    expect([reply.status, reply.body.error?.code]).toEqual([400, code]);
  });

  it('refuse what is for one file with several, and a collection that is not there', async () => {
    const files = [1, 2].map((n) => ({ name: `${String(n)}.txt`, content: `some words ${String(n)}` }));
    expect(await uploadFiles(app, files, { title: 'x' })).toMatchObject({
      status: 400,
      body: { error: { param: 'title' } },
    });
    expect(await uploadFiles(app, files, { collection: 'nowhere' })).toMatchObject({
      status: 404,
      body: { error: { code: 'collection_not_found' } },
    });
  });

  it('take a file of exactly the limit, and refuse one byte more, and none (R03)', async () => {
    const sized = (bytes: number): FormFile => ({
      name: `${String(bytes)}.txt`,
      content: Buffer.alloc(bytes, 'word and\n'),
    });
    const taken = await uploadFiles(app, [sized(LIMIT_BYTES)]);
    expect(taken.status).toBe(202);
    // The bytes are what this is about; nobody needs them indexed.
    expect((await app.delete(`/v1/documents/${taken.body.document_id ?? ''}`)).status).toBe(200);
    const refused = await uploadFiles(app, [sized(LIMIT_BYTES + 1)]);
    expect([refused.status, refused.body.error?.code]).toEqual([413, 'file_too_large']);
    const empty = await uploadFiles(app, [{ name: 'empty.txt', content: '' }]);
    expect([empty.status, empty.body.error?.code]).toEqual([400, 'empty_file']);
  });

  it('refuse a file that is not what it says, and everything that came with it (R04)', async () => {
    const reply = await uploadFiles(app, [
      { name: 'good.txt', content: 'This is what it says it is.' },
      { name: 'bad.pdf', content: Buffer.from('4d5a90000300000004000000ffff0000', 'hex') },
    ]);
    expect([reply.status, reply.body.error?.code]).toEqual([415, 'unsupported_file_type']);
    const documents = (await (await app.get('/v1/documents?limit=100')).json()) as { data: { source: string }[] };
    expect(documents.data.map(({ source }) => source)).not.toContain('good.txt');
  });

  it('fail the job of a file that cannot be read, with the reason (R05, O18)', async () => {
    const reply = await uploadFiles(app, [{ name: 'locked.pdf', content: pdfEncrypted() }]);
    expect(reply.status).toBe(202);
    expect(await app.waitForJob(reply.body.job_id ?? '')).toMatchObject({
      status: 'failed',
      error: { code: 'document_parse_failed', message: expect.stringContaining('encrypted') },
    });
    const id = reply.body.document_id ?? '';
    expect(await (await app.get(`/v1/documents/${id}`)).json()).toMatchObject({ status: 'failed', version: 0 });
    expect((await app.delete(`/v1/documents/${id}`)).status).toBe(200);
  });

  it('take forms nowhere else, and nothing but forms here', async () => {
    const headers = { 'content-type': 'multipart/form-data; boundary=X' };
    const elsewhere = await app.request('POST', '/v1/index', { text: rawForm([file('x')]), headers });
    expect(elsewhere.status).toBe(415);
    const json = await app.post('/v1/documents', { content: 'some words to keep', source: 'a' });
    expect([json.status, ((await json.json()) as UploadReply['body']).error?.code]).toEqual([
      415,
      'unsupported_media_type',
    ]);
  });

  it('leave nothing of clients that go away in the middle (R02)', async () => {
    const begun = `--X\r\n${file('').headers.join('')}\r\n\r\n${'half a file '.repeat(60_000)}`;
    const gone = Array.from({ length: 12 }, async () => {
      const headers = { authorization: `Bearer ${app.adminKey}`, 'content-type': 'multipart/form-data; boundary=X' };
      const request = openRequest(`${app.url}/v1/documents`, { method: 'POST', headers });
      const closed = new Promise((resolve) => request.on('error', resolve).on('close', resolve));
      await new Promise((resolve) => request.write(begun, resolve));
      request.destroy();
      await closed;
    });
    await Promise.all(gone);
    await untilNone(`select count(*)::int as count from upload where document_id is null`);
    expect((await uploadFiles(app, [{ name: 'after.txt', content: 'It goes on after that.' }])).status).toBe(202);
  });

  it('of which nothing came are swept away after an hour', async () => {
    const database = app.nest.get(DataSource);
    const insert = (id: string, age: string): Promise<unknown> =>
      database.query(
        `insert into upload (id, project_id, file_name, format, created_at)
         select $1, id, 'x', 'text', now() - $2::interval from project limit 1`,
        [id, age],
      );
    await insert('upl_old', '61 minutes');
    await insert('upl_new', '59 minutes');
    await database.query(
      `insert into upload_piece (upload_id, ordinal, bytes) values ('upl_old', 0, 'x'), ('upl_new', 0, 'x')`,
    );
    await app.nest.get(UploadSweeper).sweep();
    expect(
      await database.query(`select upload_id from upload_piece where upload_id in ('upl_old', 'upl_new')`),
    ).toEqual([{ upload_id: 'upl_new' }]);
    await database.query(`delete from upload where id = 'upl_new'`);
  });
});
