/**
 * Replays docker/Dockerfile without a container engine: builds from what git has and .dockerignore lets through, puts the
 * last stage together, and runs its command as a stranger who may write nowhere but in the data directory. Ends with 0 when
 * the server answered a question and the health check passed. Only `npm ci` is replaced, by what was installed here.
 */
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { readStages, readWords } from './image/read-dockerfile.mjs';
import { filesOfContext } from './image/files-of-context.mjs';
import { productionPackages } from './image/production-packages.mjs';
import { ROOT } from './source-hash.mjs';

const WAIT_MS = 120_000;
const NOBODY = 65_534;
const KEY = 'check-image-admin-key-0123456789';
const scratch = mkdtempSync(join(tmpdir(), 'trunkline-image-'));
const stages = new Map();

function say(line) {
  process.stdout.write(`${line}\n`);
}

/** A path of the image, below the stage's directory here. */
function place(stage, path) {
  return join(stage.root, resolve(stage.workdir, path));
}

function copy(stage, words) {
  const from = words.find((word) => word.startsWith('--from='))?.slice('--from='.length);
  const paths = words.filter((word) => !word.startsWith('--'));
  const target = paths.pop();
  for (const path of paths) {
    if (from !== undefined) {
      cpSync(place(stages.get(from), path), place(stage, target), { recursive: true, verbatimSymlinks: true });
      continue;
    }
    const files = filesOfContext(ROOT).filter((file) => file === path || file.startsWith(`${path}/`));
    if (files.length === 0) throw new Error(`COPY ${path}: git has no such file, or .dockerignore keeps it out.`);
    for (const file of files) {
      const inside =
        file === path
          ? target.endsWith('/')
            ? join(target, relative(dirname(path), file))
            : target
          : join(target, relative(path, file));
      mkdirSync(dirname(place(stage, inside)), { recursive: true });
      cpSync(join(ROOT, file), place(stage, inside));
    }
  }
}

function install(stage, command) {
  const target = place(stage, 'node_modules');
  if (!command.includes('--omit=dev')) {
    symlinkSync(join(ROOT, 'node_modules'), target);
    return;
  }
  for (const path of productionPackages(ROOT)) {
    cpSync(join(ROOT, path), place(stage, path), { recursive: true, verbatimSymlinks: true });
  }
}

function run(stage, command) {
  if (command.startsWith('npm ci')) {
    install(stage, command);
  } else if (command.startsWith('[')) {
    const [, ...words] = readWords(command);
    const { status } = spawnSync(process.execPath, words, { cwd: place(stage, '.'), stdio: 'inherit' });
    if (status !== 0) throw new Error(`RUN ${command} ended with ${String(status)}.`);
  } else if (!/^mkdir \S+ && chown \S+ \S+$/.test(command)) {
    throw new Error(`RUN ${command}: teach scripts/check-image.mjs how to replay it.`);
  }
}

function replay({ name, instructions }) {
  const stage = { root: join(scratch, name), workdir: '/', environment: {}, command: [], health: [] };
  stages.set(name, stage);
  for (const { word, rest } of instructions) {
    if (word === 'WORKDIR') stage.workdir = rest;
    if (word === 'WORKDIR') mkdirSync(place(stage, '.'), { recursive: true });
    if (word === 'COPY') copy(stage, rest.split(/\s+/));
    if (word === 'RUN') run(stage, rest);
    if (word === 'ENV')
      Object.assign(stage.environment, Object.fromEntries(rest.split(/\s+/).map((pair) => pair.split('='))));
    if (word === 'CMD') stage.command = readWords(rest);
    if (word === 'HEALTHCHECK') stage.health = readWords(rest.slice(rest.indexOf('CMD') + 3).trim());
    if (word === 'USER') stage.user = rest;
  }
  return stage;
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  return port;
}

/** Starts a command of the image as a user who owns nothing of it, where that is possible. */
function start(stage, [program, ...words], environment) {
  const stranger = process.getuid() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
  return spawn(program === 'node' ? process.execPath : program, words, {
    ...stranger,
    cwd: place(stage, '.'),
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { PATH: process.env.PATH, HOME: '/nonexistent', ...stage.environment, ...environment },
  });
}

async function untilReady(url, server) {
  const giveUpAt = performance.now() + WAIT_MS;
  for (;;) {
    const ready = await fetch(`${url}/health/ready`).then(
      (answer) => answer.ok,
      () => false,
    );
    if (ready) return;
    if (server.exitCode !== null) throw new Error(`The server ended with ${String(server.exitCode)}.`);
    if (performance.now() > giveUpAt) throw new Error('The server does not become ready.');
    await new Promise((wait) => setTimeout(wait, 250));
  }
}

async function call(url, path, body) {
  const answer = await fetch(url + path, {
    method: body ? 'POST' : 'GET',
    headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' },
    body: body && JSON.stringify(body),
  });
  const reply = await answer.json();
  if (!answer.ok) throw new Error(`${path}: ${String(answer.status)} ${JSON.stringify(reply)}`);
  return reply;
}

/** An upload is read by the parser's own process, so that its files are in the image, too. */
async function answersAQuestion(url) {
  const form = new FormData();
  form.append('file', new Blob(['# Kestrels\n\nThe kestrel hovers over open fields and hunts voles.']), 'kestrel.md');
  const headers = { authorization: `Bearer ${KEY}` };
  const uploaded = await (await fetch(`${url}/v1/documents`, { method: 'POST', headers, body: form })).json();
  const job = uploaded.data?.[0]?.job_id ?? uploaded.job_id;
  for (let status = 'queued'; status !== 'succeeded';) {
    ({ status } = await call(url, `/v1/jobs/${job}`));
    if (status === 'failed') throw new Error('The document could not be read.');
    await new Promise((wait) => setTimeout(wait, 100));
  }
  const { answer, answered } = await call(url, '/v1/query', { question: 'What does the kestrel hunt?' });
  if (!answered || !answer.includes('voles')) throw new Error(`The answer was: ${answer}`);
  say(`answered: ${answer}`);
}

async function prove(stage) {
  if (!stage.user || stage.user === 'root') throw new Error('The image runs as root.');
  spawnSync('chmod', ['-R', 'a-w', stage.root]);
  chmodSync(scratch, 0o755);
  const data = join(scratch, 'data-of-the-volume');
  mkdirSync(data);
  chmodSync(data, 0o777);
  const port = String(await freePort());
  const environment = {
    ...{ HOST: '127.0.0.1', PORT: port, TRUNKLINE_DATA_DIR: data, TRUNKLINE_ADMIN_KEY: KEY, LOG_LEVEL: 'warn' },
  };
  const server = start(stage, stage.command, environment);
  try {
    const url = `http://127.0.0.1:${port}`;
    await untilReady(url, server);
    await answersAQuestion(url);
    const [checked] = await once(start(stage, stage.health, environment), 'exit');
    if (checked !== 0) throw new Error(`The health check ended with ${String(checked)}.`);
  } finally {
    server.kill('SIGTERM');
    if (server.exitCode === null) await once(server, 'exit');
  }
  if (server.exitCode !== 0) throw new Error(`The server stopped with ${String(server.exitCode)}.`);
  const command = start(stage, ['node', 'dist/maintain.js', 'backup', join(data, 'whole.backup')], environment);
  const [status] = await once(command, 'exit');
  if (status !== 0) throw new Error(`The backup ended with ${String(status)}.`);
}

try {
  let last;
  for (const description of readStages(readFileSync(join(ROOT, 'docker/Dockerfile'), 'utf8')))
    last = replay(description);
  await prove(last);
  say('The image builds from what git has, and answers as a user who may write nothing but its data.');
} finally {
  spawnSync('chmod', ['-R', 'u+w', scratch]);
  rmSync(scratch, { recursive: true, force: true });
}
