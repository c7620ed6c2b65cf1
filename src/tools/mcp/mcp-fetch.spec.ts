import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { mcpFetch } from './mcp-fetch.js';

describe('mcpFetch', () => {
  const servers: Server[] = [];
  const elsewhere: string[] = [];
  const visits: string[] = [];
  let url = '';
  let other = '';
  let answer: RequestListener;

  const listen = async (listener: RequestListener): Promise<string> => {
    const server = createServer(listener);
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  };

  beforeAll(async () => {
    other = await listen((request, response) => {
      elsewhere.push(request.url ?? '');
      response.end('{}');
    });
    url = await listen((request, response) => {
      visits.push(`${request.method ?? ''} ${request.url ?? ''} ${String(request.headers['x-key'])}`);
      answer(request, response);
    });
  });

  beforeEach(() => {
    visits.length = 0;
  });

  afterAll(() => {
    for (const server of servers) {
      server.closeAllConnections();
      server.close();
    }
  });

  const post = (path: string): Promise<Response> =>
    mcpFetch(1_000)(`${url}${path}`, { method: 'POST', headers: { 'x-key': 'hidden' }, body: '{}' });

  it('S14 follows a redirect on the same server, and takes nothing to another', async () => {
    answer = (request, response) => {
      if (request.url === '/mcp') response.writeHead(307, { location: '/mcp/' }).end();
      else if (request.url === '/away') response.writeHead(307, { location: `${other}/secret` }).end();
      else response.end('here');
    };
    expect(await (await post('/mcp')).text()).toBe('here');
    expect(visits).toEqual(['POST /mcp hidden', 'POST /mcp/ hidden']);
    expect((await post('/away')).status).toBe(307);
    expect(elsewhere).toEqual([]);
  });

  it('follows one redirect and not another, so that no ring is endless', async () => {
    answer = (_request, response) => response.writeHead(308, { location: '/ring' }).end();
    expect((await post('/ring')).status).toBe(308);
    expect(visits).toHaveLength(2);
  });

  it.each(['POST', 'GET'])('reads no more of what %s gives than it may have', async (method) => {
    answer = (_request, response) => response.end('x'.repeat(1_001));
    const response = await mcpFetch(1_000)(url, { method });
    await expect(response.text()).rejects.toThrow(/more than 1000 bytes/);
  });

  it('takes an answer that has no body', async () => {
    answer = (_request, response) => response.writeHead(204).end();
    expect((await post('/')).status).toBe(204);
  });
});
