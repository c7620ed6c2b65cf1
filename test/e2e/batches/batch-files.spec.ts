import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import OpenAI from 'openai';
import { Readable } from 'node:stream';
import { DataSource } from 'typeorm';
import { BatchSweeper } from '../../../src/batches/batch-sweeper.service.js';
import { FileReceiver } from '../../../src/batches/files/file-receiver.service.js';
import { FileStore } from '../../../src/batches/files/file-store.js';
import { closeBatch } from '../../../src/batches/store/close-batch.js';
import { BatchWorld, chatLine, toFile } from './batch-world.js';

const MOST = 256 * 1024;

describe('files of batches', () => {
  const world = new BatchWorld();

  beforeAll(async () => {
    await world.start({ FILE_LIMIT: String(MOST), FILE_STORAGE_LIMIT: '1mb' });
    world.openAi.reply({}).forever();
  });
  afterAll(() => world.stop());

  async function send(fields: Record<string, string | Blob>): Promise<[number, string | undefined]> {
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) {
      if (typeof value === 'string') form.append(name, value);
      else form.append(name, value, '../../dir/name.jsonl');
    }
    const headers = { authorization: `Bearer ${world.app.adminKey}` };
    const answer = await fetch(`${world.app.url}/v1/files`, { method: 'POST', body: form, headers });
    const body = (await answer.json()) as { error?: { code: string } };
    return [answer.status, body.error?.code];
  }

  it('B01 fails as a whole, with all mistakes, and asks nobody', async () => {
    const asked = world.openAi.requests.length;
    const cases: [string, string, [string, number | null][]][] = [
      ['an empty line only', '\n', [['empty_file', null]]],
      ['no JSON', `${toFile([chatLine('a')])}\n{"custom_id":`, [['invalid_batch_line', 2]]],
      ['a list', '[]', [['invalid_batch_line', 1]]],
      [
        'all of it wrong',
        'x\ny\n',
        [
          ['invalid_batch_line', 1],
          ['invalid_batch_line', 2],
        ],
      ],
      ['B02 a custom_id twice', toFile([chatLine('a'), chatLine('b'), chatLine('a')]), [['duplicate_custom_id', 3]]],
      ['B03 a batch in a batch', toFile([{ ...chatLine('a'), url: '/v1/batches' }]), [['invalid_url', 1]]],
      ['NUL', toFile([chatLine('a', 'x\u0000')]), [['invalid_character', 1]]],
      [
        'a mistake among 500',
        toFile([...Array.from({ length: 500 }, (_, n) => chatLine(String(n))), { a: 1 }]),
        [['invalid_batch_line', 501]],
      ],
    ];
    await Promise.all(
      cases.map(async ([name, content, expected]) => {
        const batch = await world.runFile(content);
        const problems = batch.errors?.data.map(({ code, line }) => [code, line]);
        expect([name, problems]).toEqual([name, expected]);
        expect(batch).toMatchObject({ status: 'failed', request_counts: { total: 0, completed: 0, failed: 0 } });
        expect(batch.output_file_id).toBeUndefined();
      }),
    );
    expect(world.openAi.requests).toHaveLength(asked);
  });

  it('B01 takes a mark of UTF-8, both ends of lines, blank lines and none at the end', async () => {
    const lines = ['a', 'b', 'c'].map((id) => JSON.stringify(chatLine(id)));
    const batch = await world.runFile(`\ufeff${lines[0] ?? ''}\r\n\r\n  \n${lines[1] ?? ''}\n${lines[2] ?? ''}`);
    expect(batch).toMatchObject({ status: 'completed', request_counts: { total: 3, completed: 3, failed: 0 } });
  });

  it.each<[string, object, number, string, string]>([
    [
      'B02 a custom_id twice',
      { requests: [chatLine('a'), chatLine('a')] },
      400,
      'duplicate_custom_id',
      'requests[1].custom_id',
    ],
    [
      'B02 none',
      { requests: [{ ...chatLine('a'), custom_id: undefined }] },
      400,
      'missing_required_parameter',
      'requests[0].custom_id',
    ],
    [
      'B03 a batch in a batch',
      { requests: [{ ...chatLine('a'), url: '/v1/batches' }] },
      400,
      'invalid_url',
      'requests[0].url',
    ],
    ['B03 too many', { requests: Array(50_001).fill({}) }, 413, 'batch_too_large', 'requests'],
    ['nothing', {}, 400, 'missing_required_parameter', 'input_file_id'],
    ['an empty list', { requests: [] }, 400, 'invalid_value', 'requests'],
    [
      'no endpoint',
      { input_file_id: 'file-x', completion_window: '24h' },
      400,
      'missing_required_parameter',
      'endpoint',
    ],
    [
      'no window',
      { input_file_id: 'file-x', endpoint: '/v1/responses' },
      400,
      'missing_required_parameter',
      'completion_window',
    ],
    [
      'a long window',
      { requests: [chatLine('a')], completion_window: '169h' },
      400,
      'invalid_value',
      'completion_window',
    ],
    [
      'no such file',
      { input_file_id: 'file-x', endpoint: '/v1/responses', completion_window: '24h' },
      404,
      'not_found',
      'input_file_id',
    ],
    ['bad metadata', { requests: [chatLine('a')], metadata: { a: 1 } }, 400, 'invalid_metadata', 'metadata.a'],
  ])('refuses a batch with %s', async (_name, body, status, code, param) => {
    const answer = await world.app.post('/v1/batches', body);
    expect([answer.status, await answer.json()]).toEqual([status, { error: expect.objectContaining({ code, param }) }]);
  });

  it('B03 takes files for what they are and refuses what is none or too large', async () => {
    const blob = new Blob(['x']);
    expect(await send({ purpose: 'batch', file: blob })).toEqual([200, undefined]);
    expect(await send({ file: blob, purpose: 'user_data' })).toEqual([200, undefined]);
    expect(await send({ purpose: 'batch', file: new Blob([]) })).toEqual([400, 'empty_file']);
    expect(await send({ purpose: 'batch' })).toEqual([400, 'invalid_multipart']);
    expect(await send({ file: blob })).toEqual([400, 'missing_required_parameter']);
    expect(await send({ file: blob, purpose: 'batch_output' })).toEqual([400, 'invalid_value']);
    expect(await send({ file: blob, purpose: 'batch', other: '1' })).toEqual([400, 'invalid_multipart']);
    expect(await send({ file: blob, purpose: 'batch', 'expires_after[seconds]': '1' })).toEqual([400, 'invalid_value']);
    expect(await send({ purpose: 'batch', file: new Blob(['x'.repeat(MOST)]) })).toEqual([200, undefined]);
    expect(await send({ purpose: 'batch', file: new Blob(['x'.repeat(MOST + 1)]) })).toEqual([413, 'file_too_large']);
    expect(await send({ purpose: 'batch', file: new Blob(['x'.repeat(2 * MOST)]) })).toEqual([413, 'file_too_large']);
    const [row] = await world.sql<{ parts: number; unfinished: number }[]>(
      `select (select count(*)::int from file_part) as parts,
         (select count(*)::int from file where not is_whole) as unfinished`,
    );
    expect(row).toMatchObject({ unfinished: 0 });
  });

  it('lists files page by page, by purpose and in both orders, with the official client', async () => {
    const key = await world.app.createKey({ project: 'files' });
    const client = new OpenAI({ baseURL: `${world.app.url}/v1`, apiKey: key, maxRetries: 0 });
    const made: string[] = [];
    for (const text of ['one', 'two', 'three']) made.push(await world.upload(text, key));
    const all: string[] = [];
    for await (const file of client.files.list({ limit: 2, order: 'asc' })) all.push(file.id);
    expect(all).toEqual(made);
    expect((await client.files.list()).data.map(({ id }) => id)).toEqual(made.toReversed());
    expect((await client.files.list({ purpose: 'vision' })).data).toEqual([]);
    expect(await (await client.files.content(made[1] ?? '')).text()).toBe('two');
    await expect(client.files.list({ after: 'file-nobodys' })).rejects.toMatchObject({ code: 'invalid_cursor' });
    // A11: what is another project's is as what nobody has.
    const batch = await world.create([chatLine('a')], {}, key);
    await world.untilOver(batch.id, key);
    const stranger = world.client();
    const foreign = made[0] ?? '';
    for (const ask of [
      () => stranger.files.retrieve(foreign),
      () => stranger.files.content(foreign),
      () => stranger.files.delete(foreign),
      () => stranger.batches.retrieve(batch.id),
      () => stranger.batches.cancel(batch.id),
      () => stranger.batches.create({ input_file_id: foreign, endpoint: '/v1/responses', completion_window: '24h' }),
    ]) {
      await expect(ask()).rejects.toMatchObject({ status: 404, code: 'not_found' });
    }
    expect((await world.app.get(`/v1/batches/${batch.id}/results`)).status).toBe(404);
    for (const page of [stranger.files.list({ after: foreign }), stranger.batches.list({ after: batch.id })]) {
      await expect(page).rejects.toMatchObject({ status: 400, code: 'invalid_cursor' });
    }
  });

  it('deletes what is over its time, and with a batch all that it has', async () => {
    const id = await world.upload('gone soon');
    const batch = await world.runFile(toFile([chatLine('a')]));
    await world.sql(`update file set expires_at = now() where id = $1`, [id]);
    expect((await world.app.get(`/v1/files/${id}`)).status).toBe(404);
    const [file] = await world.sql<{ project_id: string }[]>('select project_id from file where id = $1', [id]);
    // A batch that was made before reads it nevertheless.
    expect(await world.app.nest.get(FileStore).findInput(file?.project_id ?? '', id)).toMatchObject({ id, bytes: 9 });
    await world.sql(`update batch set finished_at = now() - interval '31 days' where id = $1`, [batch.id]);
    await world.app.nest.get(BatchSweeper).sweep();
    const [row] = await world.sql<{ files: number; lines: number }[]>(
      `select (select count(*)::int from file where id in ($1, $2)) as files,
         (select count(*)::int from batch_line where batch_id = $3) as lines`,
      [id, batch.output_file_id, batch.id],
    );
    expect(row).toEqual({ files: 0, lines: 0 });
    expect((await world.app.get(`/v1/batches/${batch.id}`)).status).toBe(404);
  });

  it('refuses more than a project may keep, and makes room by deleting', async () => {
    const key = await world.app.createKey({ project: 'hoarder' });
    const made: string[] = [];
    for (let count = 0; count < 4; count += 1) made.push(await world.upload('x'.repeat(MOST), key));
    await expect(world.upload('x', key)).rejects.toThrow('storage_full');
    const refused = await world.app.post('/v1/batches', { requests: [chatLine('a')] }, { key });
    expect([refused.status, refused.headers.get('x-should-retry')]).toEqual([507, 'false']);
    await world.app.delete(`/v1/files/${made[0] ?? ''}`, { key });
    expect(await world.upload('x', key)).toMatch(/^file-/);
  });

  it('counts the requests of batches that are not over, which are in no file', async () => {
    world.openAi.reset();
    world.openAi.hang().forever();
    const key = await world.app.createKey({ project: 'hoarder of batches' });
    const made = await world.create([chatLine('a', 'x'.repeat(4 * MOST))], {}, key);
    const ask = (): Promise<Response> => world.app.post('/v1/batches', { requests: [chatLine('a')] }, { key });
    expect((await ask()).status).toBe(507);
    await world.app.post(`/v1/batches/${made.id}/cancel`, {}, { key });
    world.openAi.reset();
    world.openAi.reply({}).forever();
    const next = await ask();
    expect(next.status).toBe(200);
    await world.untilOver(((await next.json()) as { id: string }).id, key);
  });

  it('cuts the connection when a file ends before its length, as one that is deleted while it is read', async () => {
    const id = await world.upload('short');
    await world.sql('update file set bytes = bytes + 1 where id = $1', [id]);
    const answer = await world.app.get(`/v1/files/${id}/content`);
    await expect(answer.text()).rejects.toThrow();
  });

  it('tells who sends a file that it was deleted meanwhile', async () => {
    const [{ id: project } = { id: '' }] = await world.sql<{ id: string }[]>('select id from project limit 1');
    const content = async function* (): AsyncGenerator<Buffer> {
      yield Buffer.alloc(1024);
      await world.sql('delete from file where not is_whole');
      yield Buffer.alloc(MOST / 2);
    };
    const file = { field: 'file', name: 'a', type: '', stream: Readable.from(content()) };
    const received = world.app.nest.get(FileReceiver).receive(project, file as never);
    await expect(received).rejects.toMatchObject({ code: 'not_found' });
  });

  it('B04 forgets the lines of a file that was read half when its batch is cancelled', async () => {
    const id = 'batch_half';
    await world.sql(
      `insert into batch (id, project_id, endpoint, completion_window, status, expires_at)
       select $1, id, '/v1/responses', '24h', 'validating', now() from project limit 1`,
      [id],
    );
    await world.sql(`insert into batch_line (batch_id, ordinal, custom_id, url, body) values ($1, 0, 'a', 'b', '{}')`, [
      id,
    ]);
    const end = { status: 'cancelled', keptDays: 1 } as const;
    await world.app.nest.get(DataSource).transaction((manager) => closeBatch(manager, id, end));
    const rows = await world.sql(
      `select status, total, failed, error_file_id, (select count(*)::int from batch_line where batch_id = $1) as lines
       from batch where id = $1`,
      [id],
    );
    expect(rows).toEqual([{ status: 'cancelled', total: 0, failed: 0, error_file_id: null, lines: 0 }]);
  });
});
