import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { EnvironmentVariables } from '../src/config/environment-variables.js';
import { SECRET_VARIABLES } from '../src/config/read-variables.js';

const DOCKER = fileURLToPath(new URL('../docker', import.meta.url));
const BASE = 'compose.yaml';

interface Service {
  image?: string;
  build?: unknown;
  healthcheck?: { test: string[] };
  read_only?: boolean;
  mem_limit?: string;
  cpus?: number;
  pids_limit?: number;
  cap_drop?: string[];
  security_opt?: string[];
  restart?: string;
  privileged?: boolean;
  stop_grace_period?: string;
  environment?: Record<string, string>;
  secrets?: (string | { source: string })[];
  ports?: string[];
  extends?: { file?: string; service: string };
}

interface Compose {
  services: Record<string, Service>;
  secrets?: Record<string, { file?: string }>;
}

const files = globSync('compose*.yaml', { cwd: DOCKER });
const read = (file: string): Compose => parse(readFileSync(`${DOCKER}/${file}`, 'utf8'), { merge: true }) as Compose;

/** A file as compose sees it together with the base; lists and maps of the file come on top. */
function together(file: string): [string, Service][] {
  const base = read(BASE).services;
  return Object.entries(read(file).services).map(([name, service]) => {
    const below = base[service.extends?.service ?? name] ?? {};
    const environment = { ...below.environment, ...service.environment };
    return [
      name,
      { ...below, ...service, environment, secrets: [...(below.secrets ?? []), ...(service.secrets ?? [])] },
    ];
  });
}

function seconds(text = '10s'): number {
  return Number(/^(\d+)s$/.exec(text)?.[1] ?? Number.NaN);
}

describe.each(files)('docker/%s', (file) => {
  const services = together(file);

  it.each(services)('%s is pinned, limited, checked, and may write nothing but its volumes', (_, service) => {
    expect(service.image).toMatch(/^[\w./-]+:(?!latest$)[\w.${}:-]*\d[\w.}-]*$/);
    expect(service).toMatchObject({
      read_only: true,
      mem_limit: expect.stringMatching(/^\d+[mg]$/),
      cpus: expect.any(Number),
      pids_limit: expect.any(Number),
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
      restart: 'unless-stopped',
    });
    expect(service.privileged).toBeUndefined();
    // The image that is built here has its own.
    if (service.build === undefined) expect(service.healthcheck?.test.length).toBeGreaterThan(1);
    else expect(readFileSync(`${DOCKER}/Dockerfile`, 'utf8')).toMatch(/^HEALTHCHECK /m);
  });

  it.each(services)('%s takes secrets from files, and opens its ports to this machine only', (_, service) => {
    for (const name of Object.keys(service.environment ?? {})) {
      const isVendors = name.endsWith('_API_KEY');
      if (!isVendors) expect(SECRET_VARIABLES).not.toContain(name);
      expect(name).not.toMatch(/(?:PASSWORD|SECRET|TOKEN)$/);
    }
    const known = { ...read(BASE).secrets, ...read(file).secrets };
    for (const secret of service.secrets ?? []) {
      expect(Object.keys(known)).toContain(typeof secret === 'string' ? secret : secret.source);
    }
    for (const port of service.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:/);
  });

  it('leaves Trunkline the time to drain', () => {
    const defaults = new EnvironmentVariables();
    for (const [, service] of services.filter(([, { build }]) => build !== undefined)) {
      const drain = Number(service.environment?.DRAIN_SECONDS ?? defaults.DRAIN_SECONDS);
      const grace = Number(service.environment?.DRAIN_GRACE_SECONDS ?? defaults.DRAIN_GRACE_SECONDS);
      expect(seconds(service.stop_grace_period)).toBeGreaterThanOrEqual(drain + grace + 5);
    }
  });

  it('names variables that there are', () => {
    const known = Object.keys(new EnvironmentVariables());
    for (const [, service] of services.filter(([, { build }]) => build !== undefined)) {
      for (const name of Object.keys(service.environment ?? {})) {
        expect(known).toContain(name.replace(/_FILE$/, ''));
      }
    }
  });
});

describe('the compose files', () => {
  it('are there', () => {
    expect(files).toEqual(expect.arrayContaining([BASE, 'compose.monitoring.yaml']));
  });
});
