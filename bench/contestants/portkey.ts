import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort, startServer } from '../support/child.js';
import { CHAT_PATH, type Contestant } from './contestant.js';

const VERSION = '1.15.2';
// The one of its own lock file: with later ones its streams fail ("immutable" headers).
const OVERRIDES = { '@hono/node-server': '1.13.5' };
const PACKAGE = '@portkey-ai/gateway';
const START_MS = 60_000;
const INSTALL_MS = 300_000;

/** Portkey's gateway as npm has it, without its log pages (`--headless`). */
export const portkey: Contestant = {
  name: 'portkey',
  title: 'Portkey',
  async prepare({ cacheDirectory }) {
    const directory = installDirectory(cacheDirectory);
    if (!existsSync(serverFile(directory))) {
      await mkdir(directory, { recursive: true });
      await writeFile(join(directory, 'package.json'), JSON.stringify({ private: true, overrides: OVERRIDES }));
      // Its install script patches nothing in the published package.
      const parameters = ['install', '--no-audit', '--no-fund', '--ignore-scripts', `${PACKAGE}@${VERSION}`];
      await promisify(execFile)('npm', parameters, { cwd: directory, timeout: INSTALL_MS });
    }
    return VERSION;
  },
  async start({ cacheDirectory, mockPort }) {
    const port = await freePort();
    const url = `http://127.0.0.1:${String(port)}`;
    const server = await startServer({
      file: process.execPath,
      parameters: [serverFile(installDirectory(cacheDirectory)), '--headless', `--port=${String(port)}`],
      env: { PATH: process.env.PATH, NODE_ENV: 'production' },
      probeUrl: `${url}/`,
      startLimitMs: START_MS,
    });
    const headers = {
      authorization: 'Bearer bench',
      'x-portkey-provider': 'openai',
      'x-portkey-custom-host': `http://127.0.0.1:${String(mockPort)}/v1`,
    };
    return { ...server, endpoint: { port, path: CHAT_PATH, headers } };
  },
};

function installDirectory(cacheDirectory: string): string {
  return join(cacheDirectory, `portkey-${VERSION}`);
}

function serverFile(directory: string): string {
  return join(directory, 'node_modules', PACKAGE, 'build', 'start-server.js');
}
