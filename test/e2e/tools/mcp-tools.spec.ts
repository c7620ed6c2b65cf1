import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { FakeMcpServer } from '../../fakes/fake-mcp-server.js';
import { FakeOpenAi } from '../../fakes/fake-openai.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';

interface Answer {
  content: string;
  tool_results?: { name: string; content: string; is_error: boolean }[];
  error?: { code: string; message: string };
}

const PROGRAM = fileURLToPath(new URL('../../fakes/mcp-stdio-server.mjs', import.meta.url));

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('tools of MCP servers', () => {
  const openAi = new FakeOpenAi();
  const remote = new FakeMcpServer();
  const dead = new FakeMcpServer();
  let app: TestApp;
  let isClosed = false;

  beforeAll(async () => {
    await Promise.all([openAi.start(), remote.start(), dead.start()]);
    await dead.stop();
    app = await startTestApp({
      gateway: {
        providers: { lab: { type: 'openai-compatible', base_url: openAi.url, api_keys: ['sk-lab'] } },
        defaults: { chat: 'lab/llama' },
        mcp_servers: {
          remote: { url: remote.url, headers: { authorization: 'Bearer hidden' }, timeout_ms: 600, connect_ms: 600 },
          program: { command: process.execPath, args: [PROGRAM], env: { OWN: 'yes' }, timeout_ms: 15_000 },
          some: { url: remote.url, tools: ['add'] },
          dead: { url: dead.url, connect_ms: 1_000 },
          theirs: { url: remote.url, projects: ['proj_other'] },
        },
      },
    });
  });

  beforeEach(() => {
    openAi.reset();
    remote.requests.length = 0;
    remote.isSilent = false;
  });

  afterAll(async () => {
    if (!isClosed) await app.close();
    await Promise.all([openAi.stop(), remote.stop()]);
  });

  const offered = (): string[] =>
    ((openAi.requests[0]?.body.tools ?? []) as unknown as { function: { name: string } }[]).map(
      (each) => each.function.name,
    );

  async function ask(serverTools: string[], name?: string, input: object = {}): Promise<Answer> {
    openAi.reset();
    if (name !== undefined) openAi.reply({ toolCalls: [{ name, arguments: { ...input } }] });
    openAi.reply({ text: 'Done.' });
    const response = await app.post('/v1/chat', { message: 'Go', server_tools: serverTools, store: false });
    return (await response.json()) as Answer;
  }

  it('are offered and run, over HTTP with the configured headers', async () => {
    const answer = await ask(['mcp:remote'], 'mcp_remote_add', { a: 19, b: 23 });
    expect(answer).toMatchObject({
      content: 'Done.',
      tool_results: [{ name: 'mcp:remote/add', content: '42', is_error: false }],
    });
    expect(offered()).toEqual(expect.arrayContaining(['mcp_remote_add', 'mcp_remote_hang', 'mcp_remote_picture']));
    expect(remote.requests.every(({ headers }) => headers.authorization === 'Bearer hidden')).toBe(true);
  });

  it('keep their connection and their list from one request to the next', async () => {
    await ask(['mcp:remote/add'], 'mcp_remote_add', { a: 1, b: 2 });
    expect(offered()).toEqual(['mcp_remote_add']);
    expect(remote.requests.map(({ method }) => method)).toEqual(['POST']);
  });

  it.each<[string, string, object, Partial<{ content: unknown; is_error: boolean }>]>([
    ['what fails', 'break', {}, { content: 'It broke.', is_error: true }],
    ['what is no text', 'picture', {}, { content: '[image of type image/png, which cannot be shown as text]' }],
    ['arguments that do not fit', 'add', { a: 'x' }, { content: expect.stringMatching(/do not fit/), is_error: true }],
    ['a tool that hangs', 'hang', {}, { content: 'The tool took too long.', is_error: true }],
  ])('tell the model of %s', async (_name, tool, input, expected) => {
    const answer = await ask([`mcp:remote/${tool}`], `mcp_remote_${tool}`, input);
    expect(answer).toMatchObject({ content: 'Done.', tool_results: [expected] });
  });

  it('are found anew when the server says that they changed', async () => {
    await ask(['mcp:remote/grow'], 'mcp_remote_grow');
    for (let found = false; !found;) {
      found = (await ask(['mcp:remote/late'], 'mcp_remote_late')).tool_results?.[0]?.content === 'here';
    }
  });

  it('connect again when the server has forgotten the session', async () => {
    await remote.forgetSessions();
    const answer = await ask(['mcp:remote/add'], 'mcp_remote_add', { a: 2, b: 2 });
    expect(answer.tool_results).toMatchObject([{ content: '4', is_error: false }]);
    expect(remote.sessions).toBe(1);
  });

  it('come back after the server was silent', async () => {
    remote.isSilent = true;
    const answer = await ask(['mcp:remote/add'], 'mcp_remote_add', { a: 2, b: 2 });
    expect(answer).toMatchObject({ content: 'Done.', tool_results: [{ content: 'The tool took too long.' }] });
    remote.isSilent = false;
    for (let found = false; !found;) {
      const later = await ask(['mcp:remote/add'], 'mcp_remote_add', { a: 2, b: 2 });
      found = later.tool_results?.[0]?.content === '4';
    }
  });

  it('are only those that the configuration allows, for the projects that it names', async () => {
    await ask(['mcp:some']);
    expect(offered()).toEqual(['mcp_some_add']);
    expect((await ask(['mcp:some/hang'])).error?.code).toBe('not_found');
    expect((await ask(['mcp:theirs'])).error).toMatchObject({
      code: 'not_found',
      message: expect.not.stringMatching(/There are.*theirs/),
    });
  });

  it('are refused with a reason when their server was never reached', async () => {
    const response = await app.post('/v1/chat', { message: 'Go', server_tools: ['mcp:dead'] });
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).not.toBeNull();
    expect(await response.json()).toMatchObject({ error: { code: 'dependency_unavailable' } });
  });

  it('run in a program with nothing of our own environment, which is started again after a crash and ends with us', async () => {
    const where = async (): Promise<{ pid: number; env: Record<string, string> }> => {
      const answer = await ask(['mcp:program/where'], 'mcp_program_where');
      return JSON.parse(answer.tool_results?.[0]?.content ?? '') as { pid: number; env: Record<string, string> };
    };
    process.env.TRUNKLINE_TEST_SECRET = 'not for others';
    const first = await where();
    delete process.env.TRUNKLINE_TEST_SECRET;
    expect(first.env).toMatchObject({ OWN: 'yes' });
    expect(first.env.TRUNKLINE_TEST_SECRET).toBeUndefined();
    const crashed = await ask(['mcp:program/crash'], 'mcp_program_crash');
    expect(crashed).toMatchObject({ content: 'Done.', tool_results: [{ is_error: true }] });
    const second = await where();
    expect(second.pid).not.toBe(first.pid);
    await app.close();
    isClosed = true;
    expect([isRunning(first.pid), isRunning(second.pid), remote.sessions]).toEqual([false, false, 0]);
  });
});
