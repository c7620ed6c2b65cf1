import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { SHAPES } from '../shapes.js';
import { freePort, startServer } from '../support/child.js';
import { CHAT_PATH, type Contestant } from './contestant.js';

const run = promisify(execFile);
const START_MS = 180_000;
const INSTALL_MS = 900_000;

/** LiteLLM's proxy as pip has it: one worker, no keys, no logs of spending. */
export const litellm: Contestant = {
  name: 'litellm',
  title: 'LiteLLM',
  async prepare({ cacheDirectory }) {
    const directory = join(cacheDirectory, 'litellm');
    if (!existsSync(command(directory, 'litellm'))) {
      await mkdir(directory, { recursive: true });
      await run('python3', ['-m', 'venv', directory], { timeout: INSTALL_MS });
      await run(command(directory, 'pip'), ['install', '-q', 'litellm[proxy]'], { timeout: INSTALL_MS });
    }
    const show = await run(command(directory, 'pip'), ['show', 'litellm']);
    return /^Version: (.+)$/m.exec(show.stdout)?.[1] ?? 'unknown';
  },
  async start({ cacheDirectory, directory, mockPort }) {
    const port = await freePort();
    const file = join(directory, 'litellm.yaml');
    await writeFile(file, configuration(mockPort));
    const server = await startServer({
      file: command(join(cacheDirectory, 'litellm'), 'litellm'),
      parameters: ['--config', file, '--host', '127.0.0.1', '--port', String(port), '--num_workers', '1'],
      env: {
        PATH: process.env.PATH,
        HOME: directory,
        LITELLM_LOG: 'ERROR',
        LITELLM_LOCAL_MODEL_COST_MAP: 'True',
        LITELLM_DANGEROUSLY_PERMIT_WEAK_OR_UNSET_MASTER_KEY: 'true',
      },
      probeUrl: `http://127.0.0.1:${String(port)}/health/readiness`,
      startLimitMs: START_MS,
    });
    return { ...server, endpoint: { port, path: CHAT_PATH, headers: { authorization: 'Bearer bench' } } };
  },
};

function command(directory: string, name: string): string {
  return join(directory, 'bin', name);
}

// JSON is YAML, too.
function configuration(mockPort: number): string {
  const apiBase = `http://127.0.0.1:${String(mockPort)}/v1`;
  const models = SHAPES.map(({ name }) => ({
    model_name: name,
    litellm_params: { model: `openai/${name}`, api_base: apiBase, api_key: 'bench' },
  }));
  return JSON.stringify({
    model_list: models,
    litellm_settings: { telemetry: false, drop_params: true },
    // Keys are off, as in the others' bare modes; it listens on loopback only.
    general_settings: { disable_spend_logs: true, dangerously_permit_weak_or_unset_master_key: true },
  });
}
