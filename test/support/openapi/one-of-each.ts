import type { TestApp } from '../test-app.js';

/** Ids by the word that stands before them in a path, like `jobs`. */
export type Ids = Readonly<Record<string, string>>;

/** What of an answer is used: some have an `id`, that of an indexed text a `job_id`. */
interface Made {
  id: string;
  job_id: string;
}

const BATCH_LINE = {
  custom_id: 'one',
  method: 'POST',
  url: '/v1/chat/completions',
  body: { model: 'local/extractive', messages: [{ role: 'user', content: 'Hi' }] },
};

/**
 * Gives the key's project one of everything that has an id. `marker` stands in all that is stored, `document` is the document's
 * own id, which other projects may have too.
 */
export async function makeOneOfEach(app: TestApp, key: string, marker: string, document: string): Promise<Ids> {
  const post = async (path: string, body: object, by = key): Promise<Made> => {
    const response = await app.post(path, body, { key: by });
    const text = await response.text();
    if (!response.ok) throw new Error(`POST ${path}: ${String(response.status)} ${text}`);
    return JSON.parse(text) as Made;
  };
  const collection = await post('/v1/collections', { name: 'notes', metadata: { kept: marker } });
  const indexed = await post('/v1/index', {
    ...{ content: `The ${marker} godwit flies from Alaska to New Zealand.`, source: `${marker}.md` },
    ...{ collection: 'notes', document_id: document, metadata: { shelf: marker } },
  });
  await app.waitForJob(indexed.job_id, { key });
  const conversation = await post('/v1/conversations', { items: [{ role: 'user', content: `Say ${marker}` }] });
  const items = await app.get(`/v1/conversations/${conversation.id}/items`, { key });
  const response = await post('/v1/responses', { model: 'local/extractive', input: `Say ${marker}` });
  const asked = await app.post('/v1/chat', { message: 'Hi', store: false }, { key });
  const batch = await post('/v1/batches', { requests: [BATCH_LINE] });
  const webhook = await post('/v1/webhooks', { url: 'https://hooks.example.com/', events: ['index.failed'] });
  const delivery = await post(`/v1/webhooks/${webhook.id}/test`, {});
  const name = `tool-${marker}`;
  const tool = await post('/admin/tools', { name, description: marker, url: 'https://example.com/' }, app.adminKey);
  const project = await post('/admin/projects', { name: marker }, app.adminKey);
  const made = await post('/admin/keys', { name: marker, project_id: project.id }, app.adminKey);
  return {
    collections: collection.id,
    documents: document,
    jobs: indexed.job_id,
    conversations: conversation.id,
    items: ((await items.json()) as { data: { id: string }[] }).data[0]?.id ?? '',
    responses: response.id,
    requests: asked.headers.get('x-request-id') ?? '',
    files: await uploadFile(app, key, marker),
    batches: batch.id,
    webhooks: webhook.id,
    deliveries: delivery.id,
    tools: tool.id,
    projects: project.id,
    keys: made.id,
    models: 'local/extractive',
    providers: 'local',
  };
}

async function uploadFile(app: TestApp, key: string, marker: string): Promise<string> {
  const form = new FormData();
  form.set('purpose', 'batch');
  const line = JSON.stringify({ ...BATCH_LINE, custom_id: marker });
  form.set('file', new Blob([line], { type: 'application/jsonl' }), 'lines.jsonl');
  const headers = { authorization: `Bearer ${key}` };
  const response = await fetch(`${app.url}/v1/files`, { method: 'POST', headers, body: form });
  return ((await response.json()) as { id: string }).id;
}
