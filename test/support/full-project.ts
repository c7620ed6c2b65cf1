import { createHash } from 'node:crypto';
import { expect } from '@jest/globals';
import type { TestApp } from './test-app.js';

/** What `fillProject` needs to be configured: a provider `lab`, prices of `lab/chat` and `lab/vectors`, and a receiver. */
export interface FullProject {
  readonly key: string;
  readonly projectId: string;
  readonly conversation: string;
  readonly response: string;
  readonly file: string;
  readonly batch: string;
  readonly webhook: string;
  readonly tool: string;
  readonly request: string;
}

/** What is longer is told by its hash. */
const MOST_SHOWN = 100_000;

interface Made {
  id: string;
  key: string;
}

const NOTES = ['godwit', 'kestrel', 'avocet'].map((bird, index) => ({
  content: `The ${bird} nests by the ${String(index + 3)}rd lake. Its eggs are speckled, and it sleeps on one leg.`,
  source: `notes/${bird}.md`,
  title: `On the ${bird}`,
  metadata: { bird, 'odd "key"': ['ü', null, 1e21] },
}));

/** Gives a new project one of everything that can be stored, over HTTP. */
export async function fillProject(app: TestApp, receiverUrl: string): Promise<FullProject> {
  const project = await send<Made>(app, 'POST', '/admin/projects', { name: 'full' });
  const { key } = await send<Made>(app, 'POST', '/admin/keys', {
    name: 'of the full project',
    project_id: project.id,
    limits: { requests_per_minute: 10_000 },
    budgets: [{ window: 'total', amount_usd: 100 }],
  });
  const post = <T = Made>(path: string, body: object, headers?: Record<string, string>): Promise<T> =>
    send<T>(app, 'POST', path, body, { key, headers });
  const webhook = await post('/v1/webhooks', {
    url: `${receiverUrl}/hook`,
    events: ['index.succeeded', 'batch.completed'],
  });
  await send(app, 'POST', `/v1/webhooks/${webhook.id}/rotate`, {}, { key });
  const tool = await send<Made>(app, 'POST', '/admin/tools', {
    ...{ name: 'weather', description: 'The weather.', url: `${receiverUrl}/weather`, project_id: project.id },
    parameters: { type: 'object', properties: {} },
    headers: { authorization: 'Bearer very-hidden' },
  });
  await post('/v1/collections', { name: 'birds', embedding_model: 'lab/vectors' });
  for (const note of NOTES) {
    const { job_id: job } = await post<{ job_id: string }>('/v1/index', { ...note, collection: 'birds' });
    expect(await app.waitForJob(job, { key })).toMatchObject({ status: 'succeeded' });
  }
  const chat = await post<{ conversation_id: string }>('/v1/chat', { message: 'Say it.', model: 'lab/chat' });
  const response = await post('/v1/responses', { model: 'lab/chat', input: 'Say it.' });
  const answered = await app.post('/v1/chat/completions', messages('Again.'), {
    ...{ key, headers: { 'idempotency-key': 'once-only' } },
  });
  expect(answered.status).toBe(200);
  const file = await upload(app, key);
  const batch = await post<Made & { job_id: string }>('/v1/batches', {
    requests: [{ custom_id: 'one', ...{ url: '/v1/chat/completions', body: messages('In a batch.') } }],
  });
  expect(await app.waitForJob(batch.job_id, { key })).toMatchObject({ status: 'succeeded' });
  return {
    ...{ key, projectId: project.id, conversation: chat.conversation_id, response: response.id, file, batch: batch.id },
    ...{ webhook: webhook.id, tool: tool.id, request: answered.headers.get('x-request-id') ?? '' },
  };
}

/** What the project and its administrator see of all of it, for comparing; looking costs nothing. */
export async function viewProject(app: TestApp, project: FullProject, adminKey: string): Promise<string[]> {
  const own = [
    ...['/v1/collections', '/v1/documents', '/v1/documents?limit=1', '/v1/conversations', '/v1/files', '/v1/batches'],
    ...[`/v1/conversations/${project.conversation}/messages`, `/v1/responses/${project.response}`],
    ...[`/v1/files/${project.file}/content`, `/v1/batches/${project.batch}`, '/v1/webhooks', '/v1/jobs'],
    ...[`/v1/usage/requests/${project.request}`, `/v1/webhooks/${project.webhook}/deliveries`],
  ];
  const administrators = [
    ...['/admin/keys', `/admin/projects/${project.projectId}`, `/admin/tools/${project.tool}`, '/admin/audit'],
    '/admin/usage?group_by=model',
  ];
  const seen = [];
  for (const path of own) seen.push(await see(path, app.get(path, { key: project.key })));
  for (const path of administrators) seen.push(await see(path, app.get(path, { key: adminKey })));
  return seen;
}

/** What searches of the project find; they cost, so that what is seen of usage comes before them. */
export async function searchProject(app: TestApp, { key }: FullProject): Promise<string[]> {
  const seen = [];
  for (const mode of ['lexical', 'dense', 'hybrid']) {
    const search = { query: 'which bird sleeps by the lake', collection: 'birds', mode };
    const answer = await app.post('/v1/search', search, { key });
    seen.push(await see(`search ${mode}`, Promise.resolve(answer)));
    if (mode !== 'lexical') await untilSettled(app, key, answer.headers.get('x-request-id') ?? '');
  }
  expect(seen.join()).toMatch(/search dense 200 .*godwit/);
  return seen;
}

/** Whoever looks at the usage next is to find all of it. */
async function untilSettled(app: TestApp, key: string, request: string): Promise<void> {
  for (let status = 'open'; status !== 'succeeded';) {
    const answer = await app.get(`/v1/usage/requests/${request}`, { key });
    if (answer.ok) ({ status } = (await answer.json()) as { status: string });
    else await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

function messages(content: string): object {
  return { model: 'lab/chat', messages: [{ role: 'user', content }] };
}

async function see(path: string, answer: Promise<Response>): Promise<string> {
  const response = await answer;
  // A running server keeps a share of each budget at hand, and takes its time.
  const text = (await response.text()).replaceAll(
    /"(?:request_id|[a-z_]+_ms|reserved_usd|remaining_usd)":[^,}]+/g,
    '0',
  );
  if (text.length > MOST_SHOWN) return `${path} ${createHash('sha256').update(text).digest('hex')}`;
  return `${path} ${String(response.status)} ${text}`;
}

async function send<T>(
  app: TestApp,
  method: string,
  path: string,
  body: object,
  options: { key?: string; headers?: Record<string, string> } = {},
): Promise<T> {
  const response = await app.request(method, path, { ...options, text: JSON.stringify(body) });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${String(response.status)} ${text}`);
  return JSON.parse(text) as T;
}

async function upload(app: TestApp, key: string): Promise<string> {
  const form = new FormData();
  form.append('purpose', 'user_data');
  // More than one piece of a megabyte, with every byte in it.
  const bytes = Uint8Array.from({ length: 1_200_000 }, (_, index) => index % 256);
  form.append('file', new Blob([bytes]), 'bytes.bin');
  const headers = { authorization: `Bearer ${key}` };
  const response = await fetch(`${app.url}/v1/files`, { method: 'POST', body: form, headers });
  if (!response.ok) throw new Error(await response.text());
  return ((await response.json()) as { id: string }).id;
}
