import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TwoVendors } from '../support/two-vendors.js';
import type { TestApp } from '../support/test-app.js';

interface Group {
  requests: { total: number; succeeded: number; failed: number };
  usage: { total_tokens: number };
  attempts: number;
  cost_usd: number | null;
  unpriced_attempts: number;
  [name: string]: unknown;
}

interface Report {
  group_by: string[];
  data: Group[];
  totals: Group | null;
  has_more: boolean;
  next_after: string | null;
  time_zone: string;
  from: string;
  to: string;
}

interface Row {
  id: string;
  request_id: string;
  status: string;
  tags: string[];
  cost_usd: number | null;
  usage: { total_tokens: number };
  attempts: { n: number; credential: string | null; outcome: string }[];
}

interface Failure {
  error: { code: string; param: string | null; message: string };
}

const vendors = new TwoVendors();
let app: TestApp;
let projectKey: string;
let projectId: string;
const requestIds: string[] = [];

async function chat(model: string, options: { key?: string; tags?: string } = {}): Promise<void> {
  const headers: Record<string, string> = options.tags === undefined ? {} : { 'x-trunkline-tags': options.tags };
  const body = { model, messages: [{ role: 'user', content: 'How many legs has a crane fly?' }] };
  const answer = await app.post('/v1/chat/completions', body, { key: options.key, headers });
  await answer.text();
  requestIds.push(answer.headers.get('x-request-id') ?? '');
}

async function rowOf(key: string, requestId: string): Promise<Row> {
  return (await (await app.get(`/v1/usage/requests/${requestId}`, { key })).json()) as Row;
}

async function report(query: string): Promise<Report> {
  const answer = await app.get(`/admin/usage?${query}`);
  expect([query, answer.status]).toEqual([query, 200]);
  return (await answer.json()) as Report;
}

async function failure(path: string, key?: string): Promise<[number, string, string | null]> {
  const answer = await app.get(path, { key });
  const { error } = (await answer.json()) as Failure;
  return [answer.status, error.code, error.param];
}

describe('usage reports', () => {
  beforeAll(async () => {
    ({ app } = await vendors.start());
    const made = await app.post('/admin/projects', { name: 'reports' });
    projectId = ((await made.json()) as { id: string }).id;
    const key = await app.post('/admin/keys', { name: 'reports', project_id: projectId });
    projectKey = ((await key.json()) as { key: string }).key;
    await chat('over-openai', { tags: 'team-a, -1-cmd' });
    await chat('over-openai', { key: projectKey, tags: 'team-a' });
    await chat('over-claude', { key: projectKey });
    await chat('lab/unknown', { key: projectKey });
    vendors.openAi.failWith(400);
    await chat('over-openai', { key: projectKey });
  }, 60_000);

  afterAll(async () => {
    await app.close();
    await vendors.stop();
  });

  describe('GET /admin/usage', () => {
    it('sums up all requests by day', async () => {
      const { data, totals, time_zone } = await report('');
      const rows = (await (await app.get('/admin/requests')).json()) as { data: { started_at: string }[] };
      const days = new Set(rows.data.map(({ started_at }) => started_at.slice(0, 10)));
      expect(data.map(({ day }) => day)).toEqual([...days].sort());
      expect(time_zone).toBe('UTC');
      expect(totals).toMatchObject({
        requests: { total: 5, succeeded: 4, failed: 1 },
        attempts: 5,
        unpriced_attempts: 1,
      });
      expect(totals?.cost_usd).toBeGreaterThan(0);
    });

    it('groups by project and provider, and adds up to the requests', async () => {
      const { data } = await report('group_by=project,provider');
      const rows = new Map(data.map((group) => [`${String(group.project_id)} ${String(group.provider)}`, group]));
      expect([...rows.keys()].sort()).toEqual(
        [`${projectId} claude`, `${projectId} lab`, `${projectId} openai`, 'proj_default openai'].sort(),
      );
      const claude = rows.get(`${projectId} claude`);
      const { cost_usd, usage } = await rowOf(projectKey, requestIds[2] ?? '');
      expect(claude?.cost_usd).toBe(cost_usd);
      expect(claude?.usage.total_tokens).toBe(usage.total_tokens);
    });

    it('never says that what has no price was free', async () => {
      const { data } = await report('group_by=model&provider=lab');
      expect(data).toMatchObject([{ model: 'unknown', cost_usd: null, unpriced_attempts: 1 }]);
    });

    it('counts a request with two tags in both', async () => {
      const { data, totals } = await report('group_by=tag');
      const counts = data.map(({ tag, requests }) => [tag, requests.total]);
      expect(counts).toEqual([
        [null, 3],
        ['-1-cmd', 1],
        ['team-a', 2],
      ]);
      expect(totals).toBeNull();
    });

    it('gives every group once when it is read page by page', async () => {
      const whole = await report('group_by=provider,project');
      const first = await report('group_by=provider,project&limit=2');
      expect(first.has_more).toBe(true);
      const second = await report(`group_by=provider,project&limit=2&after=${String(first.next_after)}`);
      expect([...first.data, ...second.data]).toEqual(whole.data);
      expect(second.totals).toEqual(whole.totals);
      expect([second.has_more, second.next_after]).toEqual([false, null]);
    });

    it('is a table for spreadsheets that runs nothing', async () => {
      const answer = await app.get('/admin/usage?group_by=tag,model&format=csv');
      expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8');
      expect(answer.headers.get('content-disposition')).toMatch(/^attachment; filename="usage-\d{4}-\d\d-\d\d\.csv"$/);
      const lines = (await answer.text()).split('\r\n');
      expect(lines[0]).toBe(
        'tag,model,requests,succeeded,failed,aborted,abandoned,attempts,input_tokens,cached_input_tokens,' +
          'cache_write_5m_tokens,cache_write_1h_tokens,image_input_tokens,audio_input_tokens,output_tokens,' +
          'reasoning_tokens,audio_output_tokens,image_output_tokens,total_tokens,images,audio_input_seconds,' +
          'audio_output_seconds,characters,searches,estimated_attempts,unpriced_attempts,cost_usd',
      );
      expect(lines).toContainEqual(expect.stringMatching(/^'-1-cmd,gpt-5\.4-mini,1,1,0,0,0,1,\d+,.*,0\.\d{10}$/));
      expect(lines).toContainEqual(expect.stringMatching(/^,unknown,1,1,.*,1,$/));
      expect(lines.at(-1)).toBe('');
    });

    it('is half-open and knows time zones', async () => {
      const tomorrow = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);
      const later = await report(`group_by=&from=${tomorrow}&to=${tomorrow}T12:00:00Z`);
      expect(later.data).toMatchObject([{ requests: { total: 0 }, cost_usd: 0 }]);
      const there = await report('time_zone=Asia/Kathmandu');
      expect(there.totals?.requests.total).toBe(5);
      expect(there.from).toMatch(/T18:15:00\.000Z$/);
    });

    it.each([
      ['from=yesterday', 'from'],
      ['from=2026-02-30', 'from'],
      ['from=2026-01-01T12:34:00Z', 'from'],
      ['to=2026-01-01T12:00:00', 'to'],
      ['from=2026-01-02&to=2026-01-02', 'from'],
      ['from=2020-01-01&to=2026-01-01', 'from'],
      ['time_zone=Mars/Olympus', 'time_zone'],
      ['time_zone=%2B02:00', 'time_zone'],
      ['group_by=colour', 'group_by'],
      ['group_by=day,day', 'group_by'],
      ['group_by=day&group_by=key', 'group_by'],
      ['format=xml', 'format'],
      ['limit=0', 'limit'],
      ['limit=10001', 'limit'],
      ['limit=many', 'limit'],
    ])('refuses %s', async (query, param) => {
      expect(await failure(`/admin/usage?${query}`)).toEqual([400, 'invalid_query', param]);
    });

    it('refuses cursors that it did not make, or not for this report', async () => {
      const { next_after } = await report('group_by=provider,project&limit=1');
      for (const after of ['x', 'bnVsbA', 'WyJhIl0', '']) {
        const [status, code] = await failure(`/admin/usage?group_by=provider,project&after=${after}`);
        expect([after, status, code]).toEqual([after, 400, 'invalid_cursor']);
      }
      const [status, code] = await failure(`/admin/usage?group_by=provider&after=${String(next_after)}`);
      expect([status, code]).toEqual([400, 'invalid_cursor']);
    });

    it('is for administrators', async () => {
      expect((await failure('/admin/usage', projectKey)).slice(0, 2)).toEqual([403, 'insufficient_scope']);
      expect((await failure('/admin/requests', projectKey)).slice(0, 2)).toEqual([403, 'insufficient_scope']);
    });
  });

  describe('GET /v1/usage', () => {
    it('shows what the own project used, and no other', async () => {
      const answer = await app.get('/v1/usage?group_by=requested_model', { key: projectKey });
      const body = (await answer.json()) as { project_id: string; data: unknown[]; report: Report };
      expect(body).toMatchObject({ object: 'usage', project_id: projectId, data: [] });
      expect(body.report.data.map(({ requested_model, requests }) => [requested_model, requests.total])).toEqual([
        ['lab/unknown', 1],
        ['over-claude', 1],
        ['over-openai', 2],
      ]);
      expect(body.report.totals?.requests.total).toBe(4);
    });
  });

  describe('GET /admin/requests', () => {
    async function list(query: string): Promise<{ data: Row[]; has_more: boolean; last_id: string }> {
      const answer = await app.get(`/admin/requests?${query}`);
      expect([query, answer.status]).toEqual([query, 200]);
      return (await answer.json()) as { data: Row[]; has_more: boolean; last_id: string };
    }

    it('lists all requests, newest first, with their attempts', async () => {
      const { data } = await list('');
      expect(data.map(({ request_id }) => request_id)).toEqual([...requestIds].reverse());
      expect(data[1]?.attempts).toMatchObject([{ n: 1, outcome: 'succeeded', credential: expect.any(String) }]);
      expect(JSON.stringify(data)).not.toContain('sk-fake');
    });

    it.each<[string, number[]]>([
      ['status=failed', [4]],
      ['tag=team-a', [1, 0]],
      ['model=over-claude', [2]],
      ['model=gpt-5.4-mini', [4, 1, 0]],
      ['model=claude/claude-sonnet-5', [2]],
      ['provider=lab', [3]],
      ['min_cost_usd=0.0000000001&provider=openai', [1, 0]],
      ['min_cost_usd=1000', []],
      ['min_duration_ms=0&status=succeeded', [3, 2, 1, 0]],
      ['min_duration_ms=999999', []],
      ['error_code=upstream_rejected_request', [4]],
      ['surface=openai&operation=chat', [4, 3, 2, 1, 0]],
      ['surface=anthropic', []],
      ['operation=images', []],
      ['request_id=req_nobody', []],
      ['from=2020-01-01&to=2021-01-01T00:00:00.5%2B02:00', []],
    ])('filters by %s', async (query, expected) => {
      const { data } = await list(query);
      expect(data.map(({ request_id }) => requestIds.indexOf(request_id))).toEqual(expected);
    });

    it('finds a request by what its client calls it', async () => {
      const { data } = await list(`request_id=${requestIds[2] ?? ''}&status=succeeded`);
      expect(data.map(({ request_id }) => request_id)).toEqual([requestIds[2]]);
    });

    it('filters by project and key, and pages', async () => {
      const first = await list(`project_id=${projectId}&limit=3`);
      expect([first.data.length, first.has_more]).toEqual([3, true]);
      const second = await list(`project_id=${projectId}&limit=3&after=${first.last_id}`);
      expect([...first.data, ...second.data].map(({ request_id }) => requestIds.indexOf(request_id))).toEqual([
        4, 3, 2, 1,
      ]);
      expect(second.has_more).toBe(false);
      expect((await list('key_id=key_nobody')).data).toEqual([]);
    });

    it.each([
      ['status=fine', 'status'],
      ['surface=telephone', 'surface'],
      ['operation=singing', 'operation'],
      ['from=noon', 'from'],
      ['from=2026-01-02&to=2026-01-01', 'from'],
      ['min_cost_usd=-1', 'min_cost_usd'],
      ['min_cost_usd=1e5', 'min_cost_usd'],
      ['min_duration_ms=1.5', 'min_duration_ms'],
      ['limit=101', 'limit'],
    ])('refuses %s', async (query, param) => {
      expect(await failure(`/admin/requests?${query}`)).toEqual([400, 'invalid_query', param]);
    });

    it('refuses a cursor that is no request', async () => {
      expect(await failure('/admin/requests?after=nobody')).toEqual([400, 'invalid_cursor', 'after']);
    });

    it('shows one by either id', async () => {
      const [row] = (await list('status=failed')).data;
      for (const id of [row?.id, row?.request_id]) {
        const answer = await app.get(`/admin/requests/${String(id)}`);
        expect(await answer.json()).toEqual(row);
      }
      expect((await failure('/admin/requests/req_nobody')).slice(0, 2)).toEqual([404, 'not_found']);
    });
  });
});
