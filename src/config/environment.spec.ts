import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ConfigurationError } from './configuration-error.js';
import { loadEnvironment } from './environment.js';
import type { VariableSource } from './read-variables.js';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'trunkline-config-'));
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

function write(name: string, content: string): string {
  mkdirSync(join(directory, 'config'), { recursive: true });
  writeFileSync(join(directory, name), content);
  return name;
}

function problemsOf(source: VariableSource): string[] {
  try {
    loadEnvironment(source, directory);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems.map(({ where, message }) => `${where}: ${message}`);
    throw error;
  }
  return [];
}

describe('loadEnvironment', () => {
  it('has a default for everything', () => {
    const environment = loadEnvironment({}, directory);
    expect(environment.server).toEqual({
      host: '127.0.0.1',
      port: 3000,
      workers: 1,
      role: 'both',
      logLevel: 'info',
      bodyLimitBytes: 16 * 1024 * 1024,
      corsOrigins: [],
      trustProxy: false,
      drainSeconds: 30,
      drainGraceSeconds: 5,
      metricsAuth: false,
      commitMs: 10_000,
    });
    expect(environment.database).toEqual({
      url: null,
      dataDir: join(directory, 'data'),
      schema: 'trunkline',
      poolSize: 5,
    });
    expect(environment.auth).toEqual({ adminKey: null, jwt: null, auditRetentionDays: 365 });
    expect(environment.gateway.providers.map((provider) => provider.name)).toEqual(['local']);
  });

  it('takes an empty variable for one that is not set', () => {
    expect(loadEnvironment({ PORT: '', DATABASE_URL: ' ', OPENAI_API_KEY: '' }, directory)).toEqual(
      loadEnvironment({}, directory),
    );
  });

  it.each([
    [{ PORT: '0' }, 'server', 'port', 0],
    [{ METRICS_AUTH: 'false' }, 'server', 'metricsAuth', false],
    [{ METRICS_AUTH: 'true' }, 'server', 'metricsAuth', true],
    [{ BODY_LIMIT: '2MB' }, 'server', 'bodyLimitBytes', 2 * 1024 * 1024],
    [{ TRUST_PROXY: '2' }, 'server', 'trustProxy', 2],
    [{ TRUST_PROXY: 'loopback, 10.0.0.0/8' }, 'server', 'trustProxy', ['loopback', '10.0.0.0/8']],
    [{ EGRESS_ALLOW: '10.1.0.0/16, fd00::/8,::1' }, 'egress', 'allow', ['10.1.0.0/16', 'fd00::/8', '::1']],
    [{ CORS_ORIGINS: 'https://a.example, http://b:81' }, 'server', 'corsOrigins', ['https://a.example', 'http://b:81']],
    [{ DATABASE_URL: 'postgres://u:p@h/d' }, 'database', 'poolSize', 10],
    [{}, 'redis', 'url', null],
    [{ REDIS_URL: 'rediss://u:p@h:6380/1' }, 'redis', 'url', 'rediss://u:p@h:6380/1'],
    [{ DATABASE_POOL_SIZE: '3' }, 'database', 'poolSize', 3],
    [{ TRUNKLINE_ADMIN_KEY: 'x'.repeat(20) }, 'auth', 'adminKey', 'x'.repeat(20)],
  ] as const)('reads %j', (source, slice, property, expected) => {
    expect(loadEnvironment(source, directory)[slice]).toHaveProperty(property, expected);
  });

  it.each([
    ['PORT', '65536'],
    ['PORT', '3000x'],
    ['PORT', '-1'],
    ['PORT', '1e3'],
    ['METRICS_AUTH', 'no'],
    ['LOG_LEVEL', 'verbose'],
    ['TRUST_PROXY', 'true'],
    ['TRUST_PROXY', '10.0.0.0/33'],
    ['CORS_ORIGINS', 'https://a.example/path'],
    ['CORS_ORIGINS', '*'],
    ['EGRESS_ALLOW', 'files.corp'],
    ['EGRESS_ALLOW', '10.0.0.0/33'],
    ['EGRESS_ALLOW', 'fe80::1%lo/10'],
    ['BODY_LIMIT', '16 megabytes'],
    ['DRAIN_SECONDS', '1.5'],
    ['AUDIT_RETENTION_DAYS', '0'],
    ['DATABASE_SCHEMA', 'pg_trunk'],
    ['DATABASE_POOL_SIZE', '0'],
    ['OPENAI_BASE_URL', 'api.openai.com/v1'],
    ['HOST', 'http://localhost'],
    ['GEMINI_BASE_URL', 'generativelanguage.googleapis.com'],
    ['AZURE_OPENAI_ENDPOINT', 'ftp://resource'],
    ['AZURE_OPENAI_API_VERSION', 'the newest'],
  ])('refuses %s=%s by its name and value', (name, value) => {
    expect(problemsOf({ [name]: value })).toEqual([expect.stringMatching(new RegExp(`^${name}: .*, not "`))]);
  });

  it.each([
    ['TRUNKLINE_ADMIN_KEY', 'nineteen-characters'],
    ['DATABASE_URL', 'mysql://user:hidden@host/db'],
    ['REDIS_URL', 'http://user:hidden@host'],
    ['OPENAI_API_KEY', 'sk with blanks'],
    ['GOOGLE_API_KEY', 'key with blanks'],
    ['GEMINI_API_KEY', 'key with blanks'],
  ])('refuses a wrong %s without showing it', (name, value) => {
    const problems = problemsOf({ [name]: value });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(new RegExp(`^${name}: must `));
    expect(problems[0]).not.toContain(value);
  });

  it('reports the problems of variables and of the models file together, each in a line', () => {
    const path = write('config/trunkline.yaml', 'providers:\n  lab: { type: openai-compatible, base: "http://x" }\n');
    const source = { PORT: 'abc', TRUNKLINE_ADMIN_KEY: 'short', DATABASE_URL_FILE: 'nowhere' };
    expect(problemsOf(source)).toEqual([
      'DATABASE_URL_FILE: names a file that cannot be read (ENOENT): nowhere',
      'PORT: must be a whole number from 0 to 65535, not "abc"',
      'TRUNKLINE_ADMIN_KEY: must have at least 20 characters',
      `${path}: providers.lab.base_url: is missing`,
      `${path}: providers.lab.base: is not a known key; known here: type, base_url, api_keys, models, headers, breaker, finish_reason_optional, apis, structured_output, limits, queue, api_version, deployments, project, location, credentials_file, trace_context`,
    ]);
    expect(() => loadEnvironment(source, directory)).toThrow(
      /^The configuration has 5 problems:\n {2}- DATABASE_URL_FILE/,
    );
  });

  describe('JWTs', () => {
    const needed = {
      JWT_JWKS_URL: 'https://id.example/keys',
      JWT_ISSUER: 'https://id.example/',
      JWT_AUDIENCE: 'trunkline',
    };
    const read = { jwksUrl: 'https://id.example/keys', issuer: 'https://id.example/', audience: 'trunkline' };

    it('have usual claims unless others are named', () => {
      const usual = { ...read, projectClaim: 'trunkline_project', scopesClaim: 'scope' };
      expect(loadEnvironment(needed, directory).auth.jwt).toEqual(usual);
      const named = { ...needed, JWT_PROJECT_CLAIM: 'https://x.example/project', JWT_SCOPES_CLAIM: 'permissions' };
      expect(loadEnvironment(named, directory).auth.jwt).toEqual({
        ...read,
        projectClaim: 'https://x.example/project',
        scopesClaim: 'permissions',
      });
    });

    it.each<[VariableSource, string[]]>([
      [{ JWT_ISSUER: 'x' }, ['JWT_JWKS_URL', 'JWT_AUDIENCE']],
      [{ ...needed, JWT_AUDIENCE: '' }, ['JWT_AUDIENCE']],
      [{ JWT_PROJECT_CLAIM: 'project' }, ['JWT_JWKS_URL', 'JWT_ISSUER', 'JWT_AUDIENCE']],
      [{ ...needed, JWT_JWKS_URL: 'id.example/keys' }, ['JWT_JWKS_URL']],
    ])('are wanted whole: %j lacks %j', (source, names) => {
      expect(problemsOf(source).map((problem) => problem.split(':')[0])).toEqual(names);
    });
  });

  it('says when the named models file is missing', () => {
    expect(problemsOf({ TRUNKLINE_CONFIG: 'none.yaml' })).toEqual([
      'TRUNKLINE_CONFIG: names a file that cannot be read (ENOENT): none.yaml',
    ]);
  });
});

describe('roles', () => {
  it.each(['api', 'worker'])('%s needs a database that another process can share', (role) => {
    expect(problemsOf({ ROLE: role })).toEqual([
      `ROLE: a process that is only \`${role}\` needs another one beside it on a PostgreSQL server: set DATABASE_URL, or take both`,
    ]);
    const { server } = loadEnvironment({ ROLE: role, DATABASE_URL: 'postgres://h/d' }, directory);
    expect(server.role).toBe(role);
  });

  it('refuses one that there is not', () => {
    expect(problemsOf({ ROLE: 'api,worker' })).toEqual([expect.stringContaining('must be one of both, api, worker')]);
  });
});

describe('variables from files', () => {
  it('reads a secret without the blanks around it', () => {
    const path = write('key', `${'k'.repeat(24)}\n`);
    expect(loadEnvironment({ TRUNKLINE_ADMIN_KEY_FILE: path }, directory).auth.adminKey).toBe('k'.repeat(24));
  });

  it('gives them to the models file too', () => {
    write('lab-key', 'secret-of-lab');
    write(
      'config/trunkline.yaml',
      'providers:\n  lab: { type: openai-compatible, base_url: "http://x/v1", api_keys: ["${LAB_KEY}"] }\n',
    );
    const { gateway } = loadEnvironment({ LAB_KEY_FILE: 'lab-key' }, directory);
    expect(gateway.providers[0]?.apiKeys).toEqual(['secret-of-lab']);
  });

  it('refuses the variable and its file together, and an empty file', () => {
    write('empty', '\n');
    expect(
      problemsOf({ OPENAI_API_KEY: 'sk-1', OPENAI_API_KEY_FILE: 'empty', ANTHROPIC_API_KEY_FILE: 'empty' }),
    ).toEqual([
      'OPENAI_API_KEY: is set together with OPENAI_API_KEY_FILE; keep one of them',
      'ANTHROPIC_API_KEY_FILE: names an empty file: empty',
    ]);
  });
});
