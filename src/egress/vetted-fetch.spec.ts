import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Agent } from 'undici';
import { FakeClock } from '../../test/support/fake-clock.js';
import { ScriptedResolver } from '../../test/support/scripted-resolver.js';
import { startCanaries, WebHost } from '../../test/support/web-host.js';
import { Cancellation } from '../core/cancellation.js';
import { AppError } from '../core/errors/app-error.js';
import { dialVetted } from './dial-vetted.js';
import { EgressPolicy } from './egress-policy.js';
import { type FetchOptions, VettedFetch } from './vetted-fetch.js';

// One address stands for the public internet; everything else here is as private as it is.
const PUBLIC = '127.0.0.2';
const MAX_BYTES = 100_000;

describe('fetching from URLs of users', () => {
  const clock = new FakeClock();
  const resolver = new ScriptedResolver();
  const fetcher = new VettedFetch(new EgressPolicy({ allow: [PUBLIC] }), clock, resolver);
  const canaries: WebHost[] = [];
  let web: WebHost;

  beforeAll(async () => {
    const started = await WebHost.start(PUBLIC);
    if (!started) throw new Error('There is no second loopback address here.');
    web = started;
    canaries.push(...(await startCanaries()));
  });

  beforeEach(() => {
    web.reset();
    resolver.asked.length = 0;
    resolver.say('good.example', [PUBLIC]);
  });

  afterAll(async () => {
    const visits = canaries.map(({ connections }) => connections);
    await fetcher.onModuleDestroy();
    await Promise.all([web, ...canaries].map((host) => host.stop()));
    expect(visits).toEqual(canaries.map(() => 0));
    expect(clock.pendingTimers).toBe(0);
  });

  const good = (path: string): string => `http://good.example:${String(web.port)}${path}`;

  const fetch = (url: string, options: Partial<FetchOptions> = {}): ReturnType<VettedFetch['fetch']> =>
    fetcher.fetch(url, { maxBytes: MAX_BYTES, timeoutMs: 10_000, signal: new Cancellation(), ...options });

  const refusalOf = async (url: string, options: Partial<FetchOptions> = {}): Promise<AppError> => {
    const error: unknown = await fetch(url, { param: 'here', ...options }).then(
      () => null,
      (reason: unknown) => reason,
    );
    if (!(error instanceof AppError)) throw new Error(`no refusal but ${String(error)}`);
    expect(error.param).toBe('here');
    return error;
  };

  const codeOf = async (url: string, options?: Partial<FetchOptions>): Promise<string> => {
    return (await refusalOf(url, options)).code;
  };

  it('gives what is there, and sends nothing of ours (S14)', async () => {
    web.serve('/cat', 'meow', { 'content-type': 'Image/PNG; charset=x', 'set-cookie': 'a=b' });
    for (let round = 0; round < 2; round += 1) {
      const { status, mediaType, body, url } = await fetch(good('/cat?x=1'));
      expect([status, mediaType, body.toString(), url]).toEqual([200, 'image/png', 'meow', good('/cat?x=1')]);
    }
    for (const { headers } of web.requests) {
      const { host, ...rest } = headers;
      expect(host).toBe(`good.example:${String(web.port)}`);
      expect(rest).toEqual({ accept: '*/*', 'accept-encoding': 'identity', connection: 'keep-alive' });
    }
  });

  it('sends a body and headers of the caller, but for those of the framing', async () => {
    web.page('/tool', (request, response) => void request.pipe(response.writeHead(418)));
    const options = {
      method: 'POST',
      body: '{"a":1}',
      headers: { 'X-Token': 's', Host: 'evil', Connection: 'x' },
    } as const;
    const { status, body } = await fetch(good('/tool'), options);
    expect([status, body.toString()]).toEqual([418, '{"a":1}']);
    expect(web.requests[0]?.headers).toMatchObject({ 'x-token': 's', host: `good.example:${String(web.port)}` });
  });

  describe('addresses (S09, S10)', () => {
    it.each([
      ['a private one', ['127.0.0.1']],
      ['IPv6 loopback', ['::1']],
      ['a mapped one', ['::ffff:127.0.0.1']],
      ['a public and a private one', [PUBLIC, '127.0.0.1']],
      ['a private and a public one', ['10.0.0.1', PUBLIC]],
      ['the metadata service', ['169.254.169.254']],
      ['what is none', ['localhost']],
      ['none', []],
    ])('refuses a name with %s', async (_name, addresses) => {
      resolver.say('mixed.example', addresses);
      for (const canary of canaries) {
        expect(await codeOf(`http://mixed.example:${String(canary.port)}/`)).toBe('url_not_allowed');
      }
      expect(web.connections).toBe(0);
    });

    it('dials the address that it checked, having asked once, and checks anew what it dials anew', async () => {
      web.page('/once', (_request, response) => response.writeHead(200, { connection: 'close' }).end('ok'));
      resolver.say('rebound.example', [PUBLIC], ['127.0.0.1']);
      const url = `http://rebound.example:${String(web.port)}/once`;
      expect((await fetch(url)).body.toString()).toBe('ok');
      expect(resolver.asked).toEqual(['rebound.example']);
      expect(await codeOf(url)).toBe('url_not_allowed');
      expect([web.connections, resolver.asked.length]).toEqual([1, 2]);
    });

    it('says the same of what is private, mixed and unknown, and takes no time over it (S15)', async () => {
      resolver.say('private.example', ['10.0.0.1']);
      resolver.say('mixed.example', [PUBLIC, '10.0.0.1']);
      const urls = ['http://private.example/', 'http://mixed.example/', 'http://unknown.example/', 'http://10.0.0.1/'];
      const texts = await Promise.all(urls.map(async (url) => (await refusalOf(url)).message));
      expect(new Set(texts).size).toBe(1);
    });

    it('says the same of a closed port, a broken answer and silence (S15)', async () => {
      const closed = await WebHost.start(PUBLIC);
      const port = closed?.port ?? 0;
      await closed?.stop();
      web.page('/reset', (request) => request.socket.destroy());
      web.page('/junk', (request) => void request.socket.end('SSH-2.0-OpenSSH_9.2\r\n'));
      const urls = [`http://good.example:${String(port)}/`, good('/reset'), good('/junk')];
      const refusals = await Promise.all(urls.map((url) => refusalOf(url)));
      expect(new Set(refusals.map(({ code, message }) => `${code} ${message}`)).size).toBe(1);
      expect(refusals[0]?.code).toBe('url_fetch_failed');
    });

    it('checks addresses that need no lookup where it dials, too', async () => {
      const agent = new Agent({ connect: dialVetted(new EgressPolicy({ allow: [PUBLIC] }), resolver) });
      for (const { origin } of canaries) {
        const dialled = agent.request({ origin, path: '/', method: 'GET' });
        await expect(dialled).rejects.toMatchObject({ code: 'url_not_allowed' });
      }
      await agent.destroy();
    });
  });

  describe('redirects (S08)', () => {
    it('are followed three times', async () => {
      for (const hop of [0, 1, 2, 3]) web.serve(`/hop${String(hop)}`, '', { location: `/hop${String(hop + 1)}` }, 302);
      web.serve('/hop4', 'there');
      const found = await fetch(good('/hop1'));
      expect([found.body.toString(), found.url]).toEqual(['there', good('/hop4')]);
      expect(await codeOf(good('/hop0'))).toBe('url_not_allowed');
      expect(web.requests.map(({ url }) => url)).not.toContain('/hop5');
    });

    it.each([301, 302, 303, 307, 308])('%d never leads to a private address', async (status) => {
      resolver.say('inside.example', ['127.0.0.1']);
      for (const canary of canaries) {
        web.serve('/in', '', { location: canary.origin }, status);
        expect(await codeOf(good('/in'))).toBe('url_not_allowed');
        web.serve('/in', '', { location: `http://inside.example:${String(canary.port)}/` }, status);
        expect(await codeOf(good('/in'))).toBe('url_not_allowed');
      }
    });

    it.each<[string, Record<string, string>]>([
      ['a loop', { location: '/bad' }],
      ['another scheme', { location: 'file:///etc/passwd' }],
      ['a port of another protocol', { location: 'http://good.example:6379/' }],
      ['a user', { location: 'http://a@good.example/' }],
      ['no address', {}],
      ['an address that is none', { location: 'http://[' }],
    ])('refuses %s', async (_name, headers) => {
      web.serve('/bad', '', headers, 302);
      expect(await codeOf(good('/bad'))).toBe('url_not_allowed');
    });

    it('takes a Refresh header for what it is', async () => {
      web.serve('/refresh', 'x', { refresh: `0; url=${canaries[0]?.origin ?? ''}` });
      expect(await codeOf(good('/refresh'))).toBe('url_not_allowed');
    });

    it('leaves the caller its secrets at another origin, and posts nothing elsewhere', async () => {
      web.serve('/away', '', { location: `http://other.example:${String(web.port)}/land` }, 307);
      web.serve('/land', 'ok');
      resolver.say('other.example', [PUBLIC]);
      await fetch(good('/away'), { headers: { authorization: 'Bearer s' } });
      expect(web.requests.map(({ headers }) => headers.authorization)).toEqual(['Bearer s', undefined]);
      expect(await codeOf(good('/away'), { method: 'POST', body: 'x' })).toBe('url_fetch_failed');
      expect(web.requests).toHaveLength(3);
    });
  });

  describe('size and time (S11)', () => {
    it('reads no more than it may of an endless body', async () => {
      let sentBytes = 0;
      web.page('/endless', (_request, response) => {
        const piece = Buffer.alloc(64 * 1024);
        const more = (): void => {
          while (!response.destroyed && response.write(piece)) sentBytes += piece.length;
        };
        response.writeHead(200).on('drain', more);
        more();
      });
      expect(await codeOf(good('/endless'))).toBe('url_too_large');
      // What lies in the buffers of two sockets, and not a gigabyte.
      expect(sentBytes).toBeLessThan(32 * 1024 * 1024);
    });

    it('believes an announced gigabyte', async () => {
      web.page('/huge', (_request, response) =>
        response.writeHead(200, { 'content-length': String(1024 ** 3) }).write('x'),
      );
      expect(await codeOf(good('/huge'))).toBe('url_too_large');
    });

    it('refuses a body that is shorter than announced', async () => {
      web.page('/short', (request, response) => {
        response.writeHead(200, { 'content-length': '50' }).write('x', () => request.socket.end());
      });
      expect(await codeOf(good('/short'))).toBe('url_fetch_failed');
    });

    it('unpacks within the same bound', async () => {
      web.serve('/packed', gzipSync('hello'), { 'content-encoding': 'gzip' });
      web.serve('/bomb', gzipSync(Buffer.alloc(20 * MAX_BYTES)), { 'content-encoding': 'gzip' });
      web.serve('/broken', 'hello', { 'content-encoding': 'gzip' });
      web.serve('/strange', 'hello', { 'content-encoding': 'compress' });
      expect((await fetch(good('/packed'))).body.toString()).toBe('hello');
      expect(await codeOf(good('/bomb'))).toBe('url_too_large');
      expect(await codeOf(good('/broken'))).toBe('url_fetch_failed');
      expect(await codeOf(good('/strange'))).toBe('url_fetch_failed');
    });

    it.each(['/silent', '/drip'])('gives up on %s after the time it has, and hangs up', async (path) => {
      const arrival = Promise.withResolvers<undefined>();
      const departure = Promise.withResolvers<undefined>();
      web.page(path, (request, response) => {
        request.socket.once('close', () => {
          departure.resolve(undefined);
        });
        if (path === '/drip') response.writeHead(200).write('x');
        arrival.resolve(undefined);
      });
      const refused = codeOf(good(path));
      await arrival.promise;
      await clock.advance(10_000);
      expect(await refused).toBe('url_fetch_failed');
      await departure.promise;
    });

    it('ends with whoever it is for, with their reason', async () => {
      const signal = new Cancellation();
      const arrived = new Promise<void>((resolve) => {
        web.page('/left', () => {
          resolve();
        });
      });
      const left = fetch(good('/left'), { signal });
      const reason = new Error('gone');
      void arrived.then(() => {
        signal.abort(reason);
      });
      await expect(left).rejects.toBe(reason);
      await expect(fetch(good('/left'), { signal })).rejects.toBe(reason);
    });
  });

  it('goes where the operator says, and no further', async () => {
    const own = await WebHost.start('127.0.0.1');
    own?.serve('/tool', 'mine');
    own?.serve('/away', '', { location: '/tool' }, 302);
    expect((await fetch(`${own?.origin ?? ''}/tool`, { isTrusted: true })).body.toString()).toBe('mine');
    expect(await codeOf(`${own?.origin ?? ''}/away`, { isTrusted: true })).toBe('url_fetch_failed');
    await own?.stop();
  });
});
