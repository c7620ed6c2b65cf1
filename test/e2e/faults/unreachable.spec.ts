import tls from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Canary } from '../../support/canary.js';
import { makeCertificate } from '../../support/make-certificate.js';
import { StuckListener } from '../../support/stuck-listener.js';
import { TlsListener } from '../../support/tls-listener.js';
import type { Answer } from './answer.js';
import { CHAT_SURFACES } from './surfaces.js';
import { FaultBench, useBench } from './fault-bench.js';
import type { BadProvider, LaneModel } from './fault-gateway.js';
import type { VendorName } from './fault-lane.js';
import { describeFaults, type Fault } from './fault-matrix.js';
import { ledgerOf } from './ledger.js';

const CONNECT_MS = 300;

const root = makeCertificate({ host: 'Authority of the test', isAuthority: true });
const listeners = {
  'self-signed': new TlsListener(makeCertificate({ host: '127.0.0.1' })),
  expired: new TlsListener(makeCertificate({ host: '127.0.0.1', issuer: root, days: -1 })),
  'wrong-host': new TlsListener(makeCertificate({ host: 'elsewhere.example', issuer: root })),
  'fine-tls': new TlsListener(makeCertificate({ host: '127.0.0.1', issuer: root })),
};
const stuck = new StuckListener();
const plain = new Canary();

const REFUSED = {
  failure: { status: 502, code: 'upstream_unreachable' },
  kind: 'unreachable',
  breaker: 'counts',
  arrives: false,
} as const;
const NO_TLS = { ...REFUSED, calls: { alone: 1, withSibling: 1 } } as const;

const FAULTS: Fault[] = [
  {
    id: 'F02',
    name: 'a name that there is not',
    provider: 'nameless',
    ...REFUSED,
    calls: { alone: 2, withSibling: 2 },
  },
  { id: 'F03', name: 'no TLS where it is expected', provider: 'plain', ...NO_TLS },
  { id: 'F03', name: 'a certificate that it signed itself', provider: 'self-signed', ...NO_TLS },
  { id: 'F03', name: 'a certificate that has expired', provider: 'expired', ...NO_TLS },
  { id: 'F03', name: 'a certificate of another host', provider: 'wrong-host', ...NO_TLS },
  {
    id: 'F04',
    name: 'nobody takes the connection',
    provider: 'stuck',
    failure: { status: 504, code: 'upstream_timeout' },
    kind: 'connect-timeout',
    calls: { alone: 2, withSibling: 1 },
    breaker: 'counts',
    arrives: false,
  },
  {
    id: 'F04',
    name: 'TLS is never spoken',
    provider: 'mute',
    failure: { status: 504, code: 'upstream_timeout' },
    kind: 'connect-timeout',
    calls: { alone: 2, withSibling: 1 },
    breaker: 'counts',
    arrives: false,
  },
];

describe('providers that cannot be reached', () => {
  const bench = new FaultBench();
  const authorities = tls.getCACertificates('default');

  beforeAll(async () => {
    tls.setDefaultCACertificates([...authorities, root.cert]);
    await Promise.all([stuck.start(), plain.start(), ...Object.values(listeners).map((listener) => listener.start())]);
  });

  useBench(bench, () => {
    const urls: Record<string, string> = {
      // A label longer than names may have: no resolver out there is asked.
      nameless: `http://${'nowhere'.padEnd(64, 'x')}.invalid`,
      plain: plain.url.replace('http:', 'https:').replace(/\/$/, ''),
      stuck: stuck.url,
      mute: stuck.url.replace('http:', 'https:'),
      ...Object.fromEntries(Object.entries(listeners).map(([name, { url }]) => [name, url])),
    };
    const bad = Object.entries(urls).flatMap(([name, url]) => [
      badProvider(name, 'openai', url),
      badProvider(name, 'anthropic', url),
      badProvider(name, 'gemini', url),
      badProvider(name, 'responses', url),
    ]);
    return { bad, timers: { connect_ms: CONNECT_MS, first_content_ms: 5_000 }, models: timedModels() };
  });

  afterAll(async () => {
    tls.setDefaultCACertificates(authorities);
    plain.stop();
    await Promise.all([stuck.stop(), ...Object.values(listeners).map((listener) => listener.stop())]);
  });

  describeFaults(bench, FAULTS);

  const ask = async (model: string): Promise<Answer> => {
    const [surface] = CHAT_SURFACES;
    if (!surface) throw new Error('There is no surface.');
    return bench.lane.ask(surface, model);
  };

  it('F03 takes a certificate that is as it should be, so that the others were refused for what is wrong with them', async () => {
    const answer = await ask('fine-tls-openai-alone');
    expect(answer.error?.code).toBe('malformed_response');
    expect(listeners['fine-tls'].visits).toBeGreaterThan(0);
    expect(listeners['self-signed'].visits + listeners.expired.visits + listeners['wrong-host'].visits).toBe(0);
  });

  it.each(['self-signed', 'expired', 'wrong-host', 'plain'])('F03 says nothing about it (%s)', async (name) => {
    const answer = await ask(`${name}-openai-alone`);
    expect(answer.error?.message).toBe('The model provider could not be reached. Try again later.');
    expect(answer.wire).not.toMatch(/cert|tls|ssl|self|expire|127\.0\.0\.1/i);
  });

  it.each(['stuck', 'mute'])('F04 ends an attempt at the timer, within a tenth of it (%s)', async (name) => {
    const answer = await ask(`timed-${name}`);
    expect(answer.status).toBe(504);
    const { attempts } = await ledgerOf(bench.lane, answer);
    expect(attempts).toHaveLength(2);
    for (const { duration_ms: durationMs } of attempts) expect(Math.abs(durationMs - 1_000)).toBeLessThanOrEqual(100);
  });
});

function timedModels(): Record<string, LaneModel> {
  const timeouts = { connect_ms: 1_000, first_content_ms: 5_000 };
  return {
    'timed-stuck': { targets: ['stuck-openai/m'], timeouts },
    'timed-mute': { targets: ['mute-openai/m'], timeouts },
  };
}

function badProvider(name: string, vendor: VendorName, url: string): BadProvider {
  const common = { name: `${name}-${vendor}`, url };
  switch (vendor) {
    case 'openai':
      return { ...common, type: 'openai-compatible', url: `${url}/v1` };
    case 'responses':
      return { ...common, type: 'openai-compatible', url: `${url}/v1`, apis: ['responses'] };
    default:
      return { ...common, type: vendor };
  }
}
