import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parse, stringify } from 'yaml';
import { DOCKER } from './monitoring-files.js';

const READY_MS = 20_000;
/** A scrape that takes longer has failed. */
const SCRAPE = '1s';

interface Config {
  global: Record<string, string>;
  rule_files: string[];
  scrape_configs: { job_name: string; scrape_interval?: string; static_configs: { targets: string[] }[] }[];
}

export interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
}

/** Whether Prometheus and its tool are on this machine. */
export function hasPrometheus(): boolean {
  return ['prometheus', 'promtool'].every((name) => spawnSync(name, ['--version']).status === 0);
}

/** What the tool of Prometheus says, and whether it is content. */
export function promtool(parameters: readonly string[], input?: string): { isFine: boolean; output: string } {
  const { status, stdout, stderr } = spawnSync('promtool', parameters, {
    input,
    encoding: 'utf8',
    cwd: `${DOCKER}prometheus`,
  });
  return { isFine: status === 0, output: `${stdout}${stderr}`.trim() };
}

/** A real Prometheus with the project's own configuration and rules, scraping one server in quick succession. */
export class PrometheusServer {
  #at: string | null = null;

  private constructor(
    private readonly child: ChildProcess,
    private readonly url: string,
    private readonly directory: string,
  ) {}

  /** Resolves when it answers. */
  static async start(target: string): Promise<PrometheusServer> {
    const directory = mkdtempSync(join(tmpdir(), 'trunkline-prometheus-'));
    const port = await freePort();
    writeFileSync(join(directory, 'prometheus.yml'), stringify(configFor(target, port)));
    const child = spawn(
      'prometheus',
      [
        `--config.file=${join(directory, 'prometheus.yml')}`,
        `--storage.tsdb.path=${join(directory, 'data')}`,
        `--web.listen-address=127.0.0.1:${String(port)}`,
        '--log.level=error',
      ],
      { stdio: ['ignore', 'ignore', 'inherit'] },
    );
    const server = new PrometheusServer(child, `http://127.0.0.1:${String(port)}`, directory);
    await server.#until(async () => (await fetch(`${server.url}/-/ready`)).ok);
    return server;
  }

  /** The result of a query at the time of the last good scrape that was waited for; throws what Prometheus says of a wrong one. */
  async query(expr: string): Promise<Sample[]> {
    const body = new URLSearchParams({ query: expr, ...(this.#at !== null && { time: this.#at }) });
    const response = await fetch(`${this.url}/api/v1/query`, { method: 'POST', body });
    const answer = (await response.json()) as { data?: { result: Sample[] }; error?: string };
    if (!answer.data) throw new Error(`${expr}: ${answer.error ?? 'no answer'}`);
    return answer.data.result;
  }

  /** Resolves when the server was scraped so many times more, with success. */
  async scrapes(count: number): Promise<void> {
    this.#at = null;
    const scraped = (): Promise<string[]> => this.#goodScrapes();
    const before = (await scraped()).length;
    let times: string[] = [];
    await this.#until(async () => (times = await scraped()).length >= before + count);
    this.#at = times.at(-1) ?? null;
  }

  // Their times, in seconds.
  async #goodScrapes(): Promise<string[]> {
    const [up] = (await this.query('up{job="trunkline"}[1h]')) as unknown as { values: [number, string][] }[];
    return (up?.values ?? []).flatMap(([at, value]) => (value === '1' ? [String(at)] : []));
  }

  async stop(): Promise<void> {
    const gone = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await gone;
    rmSync(this.directory, { recursive: true, force: true });
  }

  async #until(isTrue: () => Promise<boolean>): Promise<void> {
    const giveUpAt = performance.now() + READY_MS;
    for (;;) {
      if (await isTrue().catch(() => false)) return;
      if (performance.now() > giveUpAt) throw new Error('Prometheus did not come so far.');
      await delay(50);
    }
  }
}

function configFor(target: string, port: number): Config {
  const config = parse(readFileSync(`${DOCKER}prometheus/prometheus.yml`, 'utf8')) as Config;
  const targets: Record<string, string> = { trunkline: target, prometheus: `127.0.0.1:${String(port)}` };
  return {
    global: { ...config.global, scrape_interval: SCRAPE, scrape_timeout: SCRAPE, evaluation_interval: SCRAPE },
    rule_files: config.rule_files.map((name) => `${DOCKER}prometheus/${name}`),
    scrape_configs: config.scrape_configs.map((job) => ({
      ...job,
      static_configs: [{ targets: [targets[job.job_name] ?? ''] }],
    })),
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
