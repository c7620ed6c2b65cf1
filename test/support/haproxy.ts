import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { freePort } from './free-port.js';

/** The configuration that docker/compose.replicas.yaml mounts. */
const HAPROXY_CONFIGURATION = fileURLToPath(new URL('../../docker/proxy/haproxy.cfg', import.meta.url));

// Where Debian has it is not on everybody's path.
const PROGRAM = existsSync('/usr/sbin/haproxy') ? '/usr/sbin/haproxy' : 'haproxy';

interface HaProxyPlaces {
  /** `host:port` of each process that takes requests. */
  readonly apis: readonly [string, string];
  readonly port: number;
  readonly statusPort: number;
}

/** Whether the program is on this machine. */
export function hasHaProxy(): boolean {
  return spawnSync(PROGRAM, ['-v']).status === 0;
}

/** What HAProxy says of the configuration: its exit code, and why. */
export function checkHaProxy(places: HaProxyPlaces): { status: number | null; told: string } {
  const { status, stderr } = spawnSync(PROGRAM, ['-c', '-f', HAPROXY_CONFIGURATION], {
    env: variablesOf(places),
    encoding: 'utf8',
  });
  return { status, told: stderr };
}

/** HAProxy with the product's own configuration before two processes. */
export class HaProxy {
  readonly #child: ChildProcess;
  readonly #places: HaProxyPlaces;

  private constructor(places: HaProxyPlaces) {
    this.#places = places;
    this.#child = spawn(PROGRAM, ['-db', '-f', HAPROXY_CONFIGURATION], {
      env: variablesOf(places),
      stdio: ['ignore', 'ignore', 'ignore'],
    });
  }

  /** Starts it before `host:port` of two processes, on ports of its own. */
  static async start(apis: readonly [string, string]): Promise<HaProxy> {
    return new HaProxy({ apis, port: await freePort(), statusPort: await freePort() });
  }

  get url(): string {
    return `http://127.0.0.1:${String(this.#places.port)}`;
  }

  /** How the proxy sees each process at present: `UP`, `DOWN` or on its way. */
  states(): Promise<Record<string, string>> {
    return this.#statistics('status');
  }

  /** How many requests the proxy has on each process. */
  async loads(): Promise<Record<string, number>> {
    return Object.fromEntries(
      Object.entries(await this.#statistics('scur')).map(([name, text]) => [name, Number(text)]),
    );
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await gone;
  }

  /** One column of what the proxy knows of its servers. */
  async #statistics(column: string): Promise<Record<string, string>> {
    const answer = await fetch(`http://127.0.0.1:${String(this.#places.statusPort)}/;csv`);
    const [head = '', ...lines] = (await answer.text()).split('\n');
    const index = head.split(',').indexOf(column);
    const rows = lines.map((line) => line.split(','));
    const servers = rows.filter(([proxy, name]) => proxy === 'replicas' && name !== 'BACKEND');
    return Object.fromEntries(servers.map((cells) => [cells[1] ?? '', cells[index] ?? '']));
  }
}

function variablesOf({ apis, port, statusPort }: HaProxyPlaces): NodeJS.ProcessEnv {
  return {
    PATH: process.env.PATH,
    TRUNKLINE_API_1: apis[0],
    TRUNKLINE_API_2: apis[1],
    TRUNKLINE_LISTEN: `127.0.0.1:${String(port)}`,
    TRUNKLINE_STATUS: `127.0.0.1:${String(statusPort)}`,
  };
}
