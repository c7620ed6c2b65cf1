import { expect, it } from '@jest/globals';
import { request } from 'node:http';
import { readdirSync, readlinkSync } from 'node:fs';
import { MediaWorld } from './media-world.js';
const world = new MediaWorld();
const fds = () => readdirSync('/proc/self/fd').filter((f) => { try { return readlinkSync('/proc/self/fd/' + f).includes('trunkline-'); } catch { return false; } }).length;
it('adhoc', async () => {
  await world.start();
  const say = (key: string) => fetch(`${world.app.url}/v1/audio/speech`, { method: 'POST', headers: { authorization: `Bearer ${world.app.adminKey}`, 'content-type': 'application/json', 'idempotency-key': key }, body: JSON.stringify({ model: 'speak', input: 'Hello', voice: 'alloy' }) });
  const a = await say('s1'); const ab = Buffer.from(await a.arrayBuffer());
  const b = await say('s1'); const bb = Buffer.from(await b.arrayBuffer());
  console.log('replay', a.status, b.status, b.headers.get('idempotent-replayed'), b.headers.get('content-type'), ab.equals(bb), ab.length, world.openAi.requests.length);
  // many large fields
  const bd = 'xx';
  const big = 'a'.repeat(1000_000);
  let body = '';
  for (let i = 0; i < 20; i++) body += `--${bd}\r\ncontent-disposition: form-data; name="f${i}[]"\r\n\r\n${big}\r\n`;
  body += `--${bd}--\r\n`;
  const f = await fetch(`${world.app.url}/v1/audio/transcriptions`, { method: 'POST', headers: { authorization: `Bearer ${world.app.adminKey}`, 'content-type': `multipart/form-data; boundary=${bd}` }, body: new Blob([body]).stream(), duplex: 'half' } as RequestInit).catch((e) => e);
  console.log('fields', f.status, f.text ? await f.text() : f);
  // clients that leave while they upload
  const url = new URL(world.app.url);
  const leave = () => new Promise<void>((resolve) => {
    const r = request({ host: url.hostname, port: url.port, method: 'POST', path: '/v1/audio/transcriptions', headers: { authorization: `Bearer ${world.app.adminKey}`, 'content-type': `multipart/form-data; boundary=${bd}` } });
    r.on('error', () => undefined); r.on('close', () => resolve());
    r.write(`--${bd}\r\ncontent-disposition: form-data; name="model"\r\n\r\nhear\r\n--${bd}\r\ncontent-disposition: form-data; name="file"; filename="a.wav"\r\ncontent-type: audio/wav\r\n\r\n`);
    r.write(Buffer.alloc(100_000));
    setTimeout(() => r.destroy(), 200);
  });
  const all = Array.from({ length: 20 }, leave);
  await new Promise((r) => setTimeout(r, 150));
  console.log('open temp fds during', fds());
  await Promise.all(all); await new Promise((r) => setTimeout(r, 300));
  console.log('after leaving', fds(), readdirSync('/tmp').filter((n) => /^trunkline-[\da-f-]{36}$/.test(n)).length);
  // rerank with a long query
  const t = performance.now();
  const rr = await world.app.post('/v1/rerank', { model: 'jina/jina-reranker-v2', query: 'word '.repeat(52_000), documents: Array(1000).fill('a') });
  console.log('rerank', rr.status, Math.round(performance.now() - t), Math.round(process.memoryUsage().rss / 1e6));
  await rr.text();
  expect(fds()).toBe(0);
  await world.stop();
}, 60_000);
