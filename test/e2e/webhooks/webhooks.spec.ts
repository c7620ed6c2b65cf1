import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import OpenAI from 'openai';
import { DomainEvents } from '../../../src/core/domain-events.js';
import { DeliveryStore } from '../../../src/jobs/webhooks/delivery-store.js';
import type { ToolVisit } from '../../fakes/fake-tool-server.js';
import { drip, HookWorld, verified } from './hook-world.js';

const TEXT = 'Godwits fly from Alaska to New Zealand without a stop, for more than a week.';

describe('webhooks', () => {
  const world = new HookWorld();

  beforeAll(() => world.start());
  beforeEach(() => {
    world.receiver.reset();
  });
  afterAll(() => world.stop());

  it('tells what became of a document, signed so that public libraries verify it', async () => {
    const hook = await world.hook('/indexed', ['index.succeeded', 'index.failed']);
    const queued = await world.app.post('/v1/index', { content: TEXT, source: 'birds' });
    const { job_id: jobId, document_id: documentId } = (await queued.json()) as Record<string, string>;
    await world.receiver.waitForVisits(1);
    const [visit] = world.visitsTo('/indexed') as [ToolVisit];
    expect(visit.method).toBe('POST');
    const event = { type: 'index.succeeded', object: 'event', data: { job_id: jobId, document_id: documentId } };
    expect(verified(visit, hook.secret)).toMatchObject({ ...event, id: visit.headers['webhook-id'] });
    const client = new OpenAI({ apiKey: 'none', webhookSecret: hook.secret });
    expect(await client.webhooks.unwrap(visit.body, visit.headers as Record<string, string>)).toMatchObject(event);
    await world.settle();
    expect(await world.deliveries(hook)).toMatchObject([
      { type: 'index.succeeded', status: 'delivered', attempts: [{ status: 200, error: null }], next_attempt_at: null },
    ]);
  });

  it('tells of providers to all that asked, and of a budget to its own project alone', async () => {
    const foreign = await world.app.createKey({ project: 'neighbours' });
    const own = await world.hook('/own', ['provider.down', 'budget.threshold']);
    const theirs = await world.hook('/neighbours', ['provider.down', 'budget.threshold'], { key: foreign });
    await world.hook('/deaf', ['provider.up']);
    const events = world.app.nest.get(DomainEvents);
    // As two replicas notice it.
    for (let replica = 0; replica < 2; replica++)
      events.emit({ type: 'provider.down', provider: 'openai', model: 'm' });
    events.emit({
      ...{ type: 'budget.threshold_reached', budgetId: 'bud_1', projectId: 'proj_default', keyId: null },
      ...{ window: 'day', periodStart: '2026-01-01T00:00:00.000Z', percent: 80, amountUsd: '10', spentUsd: '8.5' },
    });
    await world.receiver.waitForVisits(3);
    await world.settle();
    const toldAt = (path: string, secret: string): unknown[] =>
      world.visitsTo(path).map((visit) => (verified(visit, secret) as { type: string }).type);
    expect(toldAt('/own', own.secret).sort()).toEqual(['budget.threshold', 'provider.down']);
    expect(toldAt('/neighbours', theirs.secret)).toEqual(['provider.down']);
    expect(world.receiver.visits).toHaveLength(3);
  });

  it('O19: tries again with the same id and other pauses until it is taken', async () => {
    const hook = await world.hook('/moody', ['provider.down']);
    world.receiver.answer = (_visit, response) => response.writeHead(500).end();
    await world.test(hook);
    expect(await world.deliveries(hook)).toMatchObject([
      { status: 'pending', attempts: [{ status: 500, error: 'refused' }], next_attempt_at: expect.any(String) },
    ]);
    world.receiver.answer = (_visit, response) => response.writeHead(204).end();
    await world.settle();
    expect(world.visitsTo('/moody')).toHaveLength(1);
    await world.skipPause(hook);
    const visits = world.visitsTo('/moody');
    expect(visits.map((visit) => verified(visit, hook.secret))).toHaveLength(2);
    expect(new Set(visits.map((visit) => visit.headers['webhook-id'])).size).toBe(1);
    expect(await world.deliveries(hook)).toMatchObject([{ status: 'delivered', attempts: [{}, { status: 204 }] }]);
  });

  it('O19: gives up after the last retry, and tries all over when it is asked to, under the same id', async () => {
    const hook = await world.hook('/down', ['provider.down']);
    world.receiver.answer = (_visit, response) => response.writeHead(503).end('later');
    const { id, event_id: eventId } = await world.test(hook);
    await world.skipPause(hook);
    await world.skipPause(hook);
    expect(await world.deliveries(hook)).toMatchObject([{ status: 'failed', attempts: [{}, {}, {}] }]);
    await world.skipPause(hook);
    expect(world.visitsTo('/down')).toHaveLength(3);
    world.receiver.reset();
    const again = await world.app.post(`/admin/webhooks/deliveries/${id}/redeliver`, {});
    expect(again.status).toBe(202);
    await world.settle();
    expect(world.visitsTo('/down').map((visit) => visit.headers['webhook-id'])).toEqual([eventId]);
    expect(await world.deliveries(hook)).toMatchObject([{ status: 'delivered', attempts: [{}, {}, {}, {}] }]);
  });

  it('O19: stops for good at 410, until somebody enables it again', async () => {
    const hook = await world.hook('/gone', ['provider.down']);
    world.receiver.answer = (_visit, response) => response.writeHead(410).end();
    await world.test(hook);
    expect(await world.deliveries(hook)).toMatchObject([{ status: 'failed', attempts: [{ status: 410 }] }]);
    const shown = (await (await world.app.get(`/v1/webhooks/${hook.id}`)).json()) as object;
    expect(shown).toMatchObject({ enabled: false, disabled_reason: expect.stringContaining('410') });
    expect((await world.app.post(`/v1/webhooks/${hook.id}/test`, {})).status).toBe(409);
    world.receiver.reset();
    const enabled = await world.app.request('PATCH', `/v1/webhooks/${hook.id}`, {
      text: JSON.stringify({ enabled: true }),
    });
    expect(await enabled.json()).toMatchObject({ enabled: true, disabled_reason: null });
    await world.test(hook);
    expect(world.visitsTo('/gone')).toHaveLength(1);
  });

  it('O19: follows no redirect', async () => {
    const hook = await world.hook('/moved', ['provider.down']);
    world.receiver.answer = (visit, response) => {
      if (visit.path === '/moved') response.writeHead(307, { location: `${world.receiver.url}/elsewhere` });
      response.end();
    };
    await world.test(hook);
    expect(world.visitsTo('/elsewhere')).toHaveLength(0);
    expect(await world.deliveries(hook)).toMatchObject([{ status: 'pending', attempts: [{ status: null }] }]);
  });

  it('O19: takes a huge answer for the status that it is, and reads no more of it than it wants', async () => {
    const hook = await world.hook('/huge', ['provider.down']);
    let wasCut = false;
    const closed = new Promise<void>((resolve) => {
      world.receiver.answer = (_visit, response) => {
        response.writeHead(200);
        const piece = Buffer.alloc(64 * 1024);
        const write = (): void => {
          while (!response.destroyed && response.write(piece));
        };
        response.on('drain', write).on('close', () => {
          wasCut = !response.writableFinished;
          resolve();
        });
        write();
      };
    });
    await world.test(hook);
    await closed;
    expect(wasCut).toBe(true);
    expect(await world.deliveries(hook)).toMatchObject([{ status: 'delivered', attempts: [{ status: 200 }] }]);
  });

  it('O19: waits for no silent receiver, nor for one that drips, longer than it may, and serves others meanwhile', async () => {
    const silent = await world.hook('/silent', ['provider.down']);
    const dripping = await world.hook('/dripping', ['provider.down']);
    const other = await world.hook('/other', ['provider.down']);
    world.receiver.answer = (visit, response) => {
      if (visit.path === '/other') response.end();
      if (visit.path === '/dripping') drip(response);
    };
    await world.withTimeout(500, async () => {
      for (let count = 0; count < 3; count++) await world.app.post(`/v1/webhooks/${silent.id}/test`, {});
      for (const hook of [dripping, other]) await world.app.post(`/v1/webhooks/${hook.id}/test`, {});
      await world.settle();
    });
    expect(world.visitsTo('/other')).toHaveLength(1);
    for (const hook of [silent, dripping]) {
      const seen = await world.deliveries(hook);
      const errors = seen.map(({ status, attempts }) => [status, ...attempts.map(({ error }) => error)]);
      expect(errors).toEqual(seen.map(() => ['pending', 'url_fetch_failed']));
    }
  });

  it('O19: counts a broken TLS handshake as a failed try', async () => {
    const url = world.receiver.url.replace('http:', 'https:');
    const made = await world.app.post('/v1/webhooks', { url: `${url}/tls`, events: ['provider.down'] });
    const hook = (await made.json()) as { id: string };
    await world.test(hook);
    expect(await world.deliveries(hook)).toMatchObject([
      { status: 'pending', attempts: [{ error: 'url_fetch_failed' }] },
    ]);
  });

  it('signs with the old secret too for a while after it was changed', async () => {
    const hook = await world.hook('/rotated', ['provider.down']);
    const rotated = await world.app.post(`/v1/webhooks/${hook.id}/rotate`, { overlap_seconds: 3600 });
    const { secret } = (await rotated.json()) as { secret: string };
    expect(secret).not.toBe(hook.secret);
    await world.test(hook);
    const [during] = world.visitsTo('/rotated') as [ToolVisit];
    for (const one of [hook.secret, secret]) expect(verified(during, one)).toMatchObject({ type: 'webhook.test' });
    await world.sql(`update webhook set previous_secret_until = now() where id = $1`, [hook.id]);
    await world.test(hook);
    const [, after] = world.visitsTo('/rotated') as [ToolVisit, ToolVisit];
    expect(verified(after, secret)).toMatchObject({ type: 'webhook.test' });
    expect(() => verified(after, hook.secret)).toThrow();
  });

  it('O16: takes up what a dead process had begun, and refuses its late word', async () => {
    const hook = await world.hook('/hung', ['provider.down']);
    world.receiver.answer = (_visit, response) => response.writeHead(500).end();
    const { id } = await world.test(hook);
    world.receiver.reset();
    // As if another process had taken it and then hung.
    await world.sql(
      `update webhook_delivery set claim = 'claim_other', claimed_until = now() + interval '1 hour', next_attempt_at = now()
       where id = $1`,
      [id],
    );
    await world.settle();
    expect(world.visitsTo('/hung')).toHaveLength(0);
    await world.sql(`update webhook_delivery set claimed_until = now() where id = $1`, [id]);
    await world.settle();
    expect(world.visitsTo('/hung')).toHaveLength(1);
    const late = { at: new Date().toISOString(), status: 500, error: 'refused', duration_ms: 1 };
    const store = world.app.nest.get(DeliveryStore);
    expect(await store.settle(id, 'claim_other', late, { status: 'failed' })).toBe(false);
    expect(await world.deliveries(hook)).toMatchObject([{ status: 'delivered', attempts: [{}, { status: 200 }] }]);
  });

  it.each([
    ['deleted', (id: string) => world.app.delete(`/v1/webhooks/${id}`), []],
    [
      'disabled',
      (id: string) => world.app.request('PATCH', `/v1/webhooks/${id}`, { text: '{"enabled":false}' }),
      [{ status: 'pending', attempts: [{ status: 500 }] }],
    ],
  ])('bears that a webhook is %s while it is told something', async (how, change, left) => {
    const hook = await world.hook(`/${how}`, ['provider.down']);
    let answer = (): void => undefined;
    world.receiver.answer = (_visit, response) => {
      answer = () => response.writeHead(500).end();
    };
    await world.app.post(`/v1/webhooks/${hook.id}/test`, {});
    await world.receiver.waitForVisits(1);
    expect((await change(hook.id)).status).toBe(200);
    answer();
    await world.settle();
    await world.skipPause(hook);
    expect(world.visitsTo(`/${how}`)).toHaveLength(1);
    const rows = await world.sql<unknown[]>('select status, attempts from webhook_delivery where webhook_id = $1', [
      hook.id,
    ]);
    expect(rows).toMatchObject(left);
    expect(rows).toHaveLength(left.length);
  });

  it.each(['', 'short', 'whsec_', `whsec_${Buffer.alloc(23, 1).toString('base64')}`, `whsec_${'A'.repeat(44)}`])(
    'B05: refuses the weak secret "%s"',
    async (secret) => {
      const answer = await world.app.post('/v1/webhooks', {
        url: 'https://a.example/',
        events: ['index.failed'],
        secret,
      });
      expect(answer.status).toBe(400);
      expect(await answer.json()).toMatchObject({ error: { code: 'weak_secret', param: 'secret' } });
    },
  );

  it('S16: refuses addresses of ours, of other tenants, and private ones', async () => {
    const foreign = await world.app.createKey({ project: 'others' });
    const { url } = await world.hook('/theirs', ['index.failed'], { key: foreign });
    for (const refused of [`${world.app.url}/v1/chat`, url, 'http://192.168.0.1/hook', 'http://10.0.0.1/hook']) {
      const answer = await world.app.post('/v1/webhooks', { url: refused, events: ['index.failed'] });
      expect([refused, answer.status, await answer.json()]).toMatchObject([
        refused,
        400,
        { error: { code: 'url_not_allowed', param: 'url' } },
      ]);
    }
  });

  it('shows secrets once, and webhooks to their own project only', async () => {
    const foreign = await world.app.createKey({ project: 'strangers' });
    const hook = await world.hook('/mine', ['index.failed'], { more: { description: 'Mine' } });
    expect(hook.secret).toMatch(/^whsec_/);
    const seen = await (await world.app.get(`/v1/webhooks/${hook.id}`)).text();
    expect(seen).not.toContain(hook.secret);
    for (const [method, path] of [
      ['GET', ''],
      ['DELETE', ''],
      ['GET', '/deliveries'],
      ['POST', '/test'],
      ['POST', '/rotate'],
    ] as const) {
      const text = method === 'POST' ? '{}' : undefined;
      const answer = await world.app.request(method, `/v1/webhooks/${hook.id}${path}`, { key: foreign, text });
      expect([path, answer.status]).toEqual([path, 404]);
    }
    expect(await (await world.app.get('/v1/webhooks', { key: foreign })).json()).toMatchObject({ data: [] });
    expect((await world.app.delete(`/v1/webhooks/${hook.id}`)).status).toBe(200);
    expect((await world.app.get(`/v1/webhooks/${hook.id}`)).status).toBe(404);
  });
});
