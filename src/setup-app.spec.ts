import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ProbeApp } from '../test/support/probe-app.js';

let probe: ProbeApp;

beforeAll(async () => {
  probe = await ProbeApp.start();
});

afterAll(() => probe.close());

describe('documentation', () => {
  it('describes every route with its answers and errors', async () => {
    const document = (await (await probe.get('/openapi.json')).json()) as {
      paths: Record<string, Record<string, { responses: Record<string, { content?: object }>; security?: object[] }>>;
      components: { schemas: Record<string, unknown>; securitySchemes: object };
    };
    expect(Object.keys(document.components.securitySchemes)).toEqual(['bearer', 'x-api-key']);
    expect(Object.keys(document.paths)).toEqual(
      expect.arrayContaining([
        '/',
        '/v1/chat',
        '/v1/chat/completions',
        '/v1/embeddings',
        '/v1/models',
        '/v1/models/{id}',
      ]),
    );
    const post = document.paths['/v1/chat/completions']?.post;
    expect(post?.security).toHaveLength(2);
    for (const status of ['200', '400', '401', '403', '404', '413', '415', '429', '500', '502', '503', '504']) {
      expect([status, post?.responses[status]?.content]).toEqual([status, expect.anything()]);
    }
    const references = JSON.stringify(document).match(/#\/components\/schemas\/\w+/g) ?? [];
    const names = new Set(references.map((reference) => reference.slice('#/components/schemas/'.length)));
    expect([...names].filter((name) => !(name in document.components.schemas))).toEqual([]);
    expect(document.components.schemas.ErrorResponse).toMatchObject({ properties: { error: expect.anything() } });
  });

  it('shows it in the browser, under a policy that its page obeys', async () => {
    const page = await probe.get('/docs');
    const html = await page.text();
    expect(page.status).toBe(200);
    expect(html).not.toMatch(/<script>/);
    expect(page.headers.get('content-security-policy')).toContain("default-src 'self'");
    expect((await probe.get('/docs/swagger-ui-init.js')).status).toBe(200);
  });

  it('welcomes at the bare address', async () => {
    expect(await (await probe.get('/')).json()).toMatchObject({ name: 'Trunkline', links: { documentation: '/docs' } });
  });

  it('lets the configured browsers in, and no others', async () => {
    const own = await probe.get('/', { origin: 'https://app.example' });
    expect(own.headers.get('access-control-allow-origin')).toBe('https://app.example');
    expect((await probe.get('/', { origin: 'null' })).headers.get('access-control-allow-origin')).toBeNull();
  });
});
