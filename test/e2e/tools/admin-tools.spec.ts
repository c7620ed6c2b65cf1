import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { FakeOpenAi } from '../../fakes/fake-openai.js';
import { FakeToolServer } from '../../fakes/fake-tool-server.js';
import { Canary } from '../../support/canary.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';

interface Tool {
  id: string;
  name: string;
  header_names: string[];
}

const SECRET = 'a secret of more than thirty-two characters';
const PARAMETERS = { type: 'object', required: ['city'], properties: { city: { type: 'string' } } };

describe('/admin/tools', () => {
  const openAi = new FakeOpenAi();
  const service = new FakeToolServer();
  const canary = new Canary();
  let app: TestApp;
  let made = 0;

  beforeAll(async () => {
    await Promise.all([openAi.start(), service.start(), canary.start()]);
    app = await startTestApp({
      env: { TRUNKLINE_SECRET: SECRET, EGRESS_ALLOW: '127.0.0.1/32' },
      gateway: {
        providers: { lab: { type: 'openai-compatible', base_url: openAi.url, api_keys: ['sk-lab'] } },
        defaults: { chat: 'lab/llama' },
        tools: { builtin: { description: 'x', url: service.url } },
      },
    });
  });

  beforeEach(() => {
    openAi.reset();
    service.reset();
  });

  afterAll(async () => {
    await app.close();
    expect(canary.visits).toBe(0);
    service.stop();
    canary.stop();
    await openAi.stop();
  });

  const definition = (over: object = {}): object => ({
    name: `tool-${String((made += 1))}`,
    description: 'The weather.',
    parameters: PARAMETERS,
    url: `${service.url}/weather/{city}`,
    headers: { Authorization: 'Bearer very-hidden' },
    ...over,
  });

  const create = async (over: object = {}): Promise<Tool> => {
    const response = await app.post('/admin/tools', definition(over));
    const tool = (await response.json()) as Tool;
    expect({ status: response.status, tool }).toMatchObject({ status: 201 });
    return tool;
  };
  const patch = (id: string, body: object): Promise<Response> =>
    app.request('PATCH', `/admin/tools/${id}`, { text: JSON.stringify(body) });

  async function use(name: string, key?: string): Promise<{ status: number; text: string }> {
    openAi.reset();
    openAi.reply((request) => {
      const [tool] = request.body.tools as unknown as { function: { name: string } }[];
      return { toolCalls: [{ name: tool?.function.name ?? '', arguments: { city: 'Rome' } }] };
    });
    openAi.reply({ text: 'Done.' });
    const options = key === undefined ? {} : { key };
    const response = await app.post(
      '/v1/chat',
      { message: 'Go', server_tools: [`http:${name}`], store: false },
      options,
    );
    return { status: response.status, text: await response.text() };
  }

  it('makes tools that models can use, with secrets that nobody sees again', async () => {
    const tool = await create();
    expect(tool).toMatchObject({
      id: expect.stringMatching(/^tool_/),
      header_names: ['authorization'],
      project_id: null,
    });
    const answer = await use(tool.name);
    expect(answer.text).toContain('temperature');
    expect(service.visits).toMatchObject([{ path: '/weather/Rome', headers: { authorization: 'Bearer very-hidden' } }]);
    // S14: nothing of ours, nothing of the caller's.
    expect(Object.keys(service.visits[0]?.headers ?? {}).sort()).toEqual([
      ...['accept', 'accept-encoding', 'authorization', 'connection', 'host'],
    ]);
    const seen = await Promise.all(
      ['/admin/tools', `/admin/tools/${tool.id}`, `/admin/audit?target=${tool.id}`].map(async (path) =>
        (await app.get(path)).text(),
      ),
    );
    const rows = await app.nest.get(DataSource).query<object[]>('select * from server_tool');
    expect(seen.join()).toContain('tool.create');
    expect([...seen, answer.text, JSON.stringify(rows), JSON.stringify(openAi.requests)].join()).not.toContain(
      'very-hidden',
    );
    const sealed = (rows as { sealed_headers: Buffer }[]).map(({ sealed_headers: bytes }) => bytes.toString('latin1'));
    expect(sealed.join()).not.toContain('hidden');
  });

  it('changes tools, but keeps secrets from going to another place', async () => {
    const tool = await create();
    const changed = await patch(tool.id, { url: `${service.url}/other/{city}`, timeout_ms: 500 });
    expect(await changed.json()).toMatchObject({ timeout_ms: 500, description: 'The weather.' });
    await use(tool.name);
    expect(service.visits).toMatchObject([{ path: '/other/Rome', headers: { authorization: 'Bearer very-hidden' } }]);
    const elsewhere = `${canary.url}{city}`;
    expect(await (await patch(tool.id, { url: elsewhere })).json()).toMatchObject({ error: { param: 'headers' } });
    expect((await patch(tool.id, { headers: { 'x-key': 'new' } })).status).toBe(200);
    await use(tool.name);
    expect(service.visits.at(-1)?.headers).toMatchObject({ 'x-key': 'new' });
    expect(service.visits.at(-1)?.headers.authorization).toBeUndefined();
    const audit = (await (await app.get(`/admin/audit?target=${tool.id}`)).json()) as { data: object[] };
    expect(audit.data).toHaveLength(3);
  });

  it('deletes tools', async () => {
    const tool = await create();
    expect(await (await app.delete(`/admin/tools/${tool.id}`)).json()).toEqual({ id: tool.id, deleted: true });
    expect((await app.get(`/admin/tools/${tool.id}`)).status).toBe(404);
    expect((await app.delete(`/admin/tools/${tool.id}`)).status).toBe(404);
    expect((await use(tool.name)).status).toBe(404);
  });

  it('keeps the tools of a project to it, and prefers them to those of all', async () => {
    const project = (await (await app.post('/admin/projects', { name: 'p' })).json()) as { id: string };
    const key = (await (await app.post('/admin/keys', { name: 'k', project_id: project.id })).json()) as {
      key: string;
    };
    const own = await create({ project_id: project.id, name: 'shared', url: `${service.url}/own/{city}` });
    expect((await use('shared')).status).toBe(404);
    await create({ name: 'shared', url: `${service.url}/all/{city}` });
    await use('shared', key.key);
    await use('shared');
    expect(service.visits.map(({ path }) => path)).toEqual(['/own/Rome', '/all/Rome']);
    const listed = (await (await app.get(`/admin/tools?project_id=${project.id}`)).json()) as { data: Tool[] };
    expect(listed.data.map(({ id }) => id)).toEqual([own.id]);
    await app.delete(`/admin/projects/${project.id}`);
    // Erased in the background, soon.
    while ((await app.get(`/admin/tools/${own.id}`)).status !== 404)
      await new Promise((resolve) => setImmediate(resolve));
  });

  it('lists by pages, newest first', async () => {
    const [older, newer] = [await create(), await create()];
    const first = (await (await app.get('/admin/tools?limit=1')).json()) as { data: Tool[]; has_more: boolean };
    expect([first.data[0]?.id, first.has_more]).toEqual([newer.id, true]);
    const next = (await (await app.get(`/admin/tools?limit=1&after=${newer.id}`)).json()) as { data: Tool[] };
    expect(next.data[0]?.id).toBe(older.id);
    expect((await app.get('/admin/tools?after=tool_nope')).status).toBe(400);
    expect((await app.get('/admin/tools?limit=0')).status).toBe(400);
  });

  it.each<[string, object, number, string]>([
    ['S05 another scheme', { url: 'file:///etc/passwd' }, 400, 'url'],
    ['S04 metadata', { url: 'http://169.254.169.254/latest' }, 400, 'url'],
    ['S01 this machine by another name', { url: 'http://localhost./x' }, 400, 'url'],
    ['S06 a password in the URL', { url: 'http://user:pw@example.com/' }, 400, 'url'],
    ['S07 a port of another service', { url: 'http://example.com:22/' }, 400, 'url'],
    ['a host from an argument', { url: 'http://{city}.example.com/' }, 400, 'url'],
    ['a host from an argument, behind a slash too many', { url: 'http:///{city}/x' }, 400, 'url'],
    ['a host from an argument, behind a tabulator', { url: 'http://\t/{city}/x' }, 400, 'url'],
    ['a placeholder without a parameter', { url: 'http://example.com/{other}' }, 400, 'url'],
    [
      'parameters that are no schema',
      { parameters: { type: 'object', required: 'city' }, url: 'http://a.example/' },
      400,
      'parameters',
    ],
    ['parameters of another type', { parameters: { type: 'array' }, url: 'http://a.example/' }, 400, 'parameters'],
    ['a header with a line break', { headers: { a: 'x\r\ny: z' } }, 400, 'headers'],
    ['a header of the connection', { headers: { Host: 'evil' } }, 400, 'headers'],
    ['a name with a colon', { name: 'a:b' }, 400, 'name'],
    ['a name of the configuration', { name: 'builtin' }, 409, 'name'],
    ['a program', { command: 'rm' }, 400, 'command'],
    ['an unknown project', { project_id: 'proj_nope' }, 404, 'project_id'],
  ])('refuses %s', async (_name, over, status, param) => {
    const response = await app.post('/admin/tools', definition(over));
    const body = (await response.json()) as { error: { param: string } };
    expect({ status: response.status, param: body.error.param, body }).toMatchObject({ status, param });
  });

  it('refuses a name twice, and whoever is no administrator', async () => {
    const { name } = await create();
    expect((await app.post('/admin/tools', definition({ name }))).status).toBe(409);
    const key = await app.createKey();
    expect((await app.post('/admin/tools', definition(), { key })).status).toBe(403);
  });
});
