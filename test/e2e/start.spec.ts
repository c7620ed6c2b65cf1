import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
// A build, and the making of an empty database.
const START_MS = 180_000;

describe('npm start', () => {
  let directory: string;
  let running: ChildProcess | null = null;

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'trunkline-start-'));
  });

  afterEach(() => {
    running?.kill('SIGKILL');
    running = null;
  });

  afterAll(() => {
    rmSync(directory, { recursive: true, force: true });
  });

  /** Starts it as npm does, with nothing set but what is given; resolves to what it printed once it is ready or over. */
  async function start(variables: Record<string, string> = {}): Promise<{ child: ChildProcess; printed: string }> {
    const child = spawn(process.execPath, [join(ROOT, 'scripts/start.mjs')], {
      cwd: directory,
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { PATH: process.env.PATH, PORT: '0', TRUNKLINE_DATA_DIR: join(directory, 'data'), ...variables },
    });
    running = child;
    let printed = '';
    await new Promise<void>((resolve) => {
      child.stderr.on('data', (chunk: Buffer) => {
        printed += chunk.toString('utf8');
        if (printed.includes('Try it:') && printed.endsWith('\n')) resolve();
      });
      child.once('close', resolve);
    });
    return { child, printed };
  }

  async function interrupt(child: ChildProcess): Promise<unknown> {
    const exited = once(child, 'exit');
    child.kill('SIGINT');
    return (await exited)[0];
  }

  it(
    'says where it listens and what it serves, prints the key once, and a command that works when pasted',
    async () => {
      const first = await start();
      expect(first.printed).toMatch(/Listening +http:\/\/127\.0\.0\.1:\d+\n/);
      expect(first.printed).toMatch(/Documentation +http:\/\/127\.0\.0\.1:\d+\/docs\n/);
      expect(first.printed).toMatch(/Providers +local\n/);
      expect(first.printed).toContain('No provider key is set');
      const key = /Admin key +(tl_\S+)/.exec(first.printed)?.[1] ?? '';
      const command = /^ +(curl .*)$/m.exec(first.printed)?.[1] ?? '';
      const { stdout } = await promisify(execFile)('sh', ['-c', command]);
      expect(JSON.parse(stdout)).toMatchObject({ provider: 'local', finish_reason: 'stop' });
      expect(await interrupt(first.child)).toBe(0);

      const second = await start();
      expect(second.printed).not.toContain(key);
      expect(second.printed).toMatch(/made at the first start/);
      const url = /Listening +(\S+)/.exec(second.printed)?.[1] ?? '';
      const models = await fetch(`${url}/v1/models`, { headers: { authorization: `Bearer ${key}` } });
      expect(models.status).toBe(200);
      expect(await interrupt(second.child)).toBe(0);
    },
    START_MS,
  );

  it(
    'O27 refuses a bad configuration with one message that lists every problem, and exit code 1',
    async () => {
      const file = join(directory, 'broken.yaml');
      writeFileSync(
        file,
        'providers:\n  a: { type: nonsense }\n  b: { type: openai, api_keys: ["${NO_SUCH_VARIABLE}"] }\nsurprise: 1\n',
      );
      const variables = { PORT: 'eighty', TRUNKLINE_ADMIN_KEY: 'short', METRICS_AUTH: 'maybe', TRUNKLINE_CONFIG: file };
      const { child, printed } = await start(variables);
      expect(child.exitCode).toBe(1);
      for (const name of [
        'PORT',
        'TRUNKLINE_ADMIN_KEY',
        'METRICS_AUTH',
        'providers.a',
        'NO_SUCH_VARIABLE',
        'surprise',
      ]) {
        expect(printed).toContain(name);
      }
      expect(printed).not.toMatch(/\n +at /);
    },
    START_MS,
  );

  it(
    'O27 refuses settings that contradict each other, files that are not there, names that are none, and shows no secret',
    async () => {
      const file = join(directory, 'no-yaml.yaml');
      writeFileSync(file, 'providers: [\n');
      const { child, printed } = await start({
        TRUNKLINE_CONFIG: file,
        WORKERS: '2',
        TRUNKLINE_SECRET: 'much-too-short',
        TRUNKLINE_ADMINKEY: 'hidden-because-it-is-a-key',
        OPENAI_API_KEY: 'sk hidden',
        ANTHROPIC_API_KEY_FILE: 'nowhere',
        JWT_ISSUER: 'https://id.example/',
      });
      expect(child.exitCode).toBe(1);
      for (const problem of [
        'no-yaml.yaml: ',
        'WORKERS: more than one process needs a PostgreSQL server: set DATABASE_URL',
        'TRUNKLINE_SECRET: must have at least 32 characters',
        'TRUNKLINE_ADMINKEY: is no variable of Trunkline; TRUNKLINE_ADMIN_KEY is',
        'OPENAI_API_KEY: must be a key',
        'ANTHROPIC_API_KEY_FILE: names a file that cannot be read',
        'JWT_JWKS_URL: is needed',
      ]) {
        expect(printed).toContain(problem);
      }
      expect(printed).not.toMatch(/hidden|much-too-short|\n +at /);
    },
    START_MS,
  );
});
