import { readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { isJsonObject } from '../../core/json.js';
import { isRunning, processStart } from '../../database/embedded/process-identity.js';

/** The first line of a process's write-ahead file: who writes it, for those who find it later. */
export function describeOwner(instanceId: string): string {
  const { pid } = process;
  return JSON.stringify({
    instance: instanceId,
    host: hostname(),
    space: processSpace(),
    pid,
    start: processStart(pid),
  });
}

/** Whether the process that wrote this first line is running; null when that cannot be told from here. */
export function isOwnerRunning(line: string): boolean | null {
  const owner = parse(line);
  // A number means nothing on another machine, or in another container that has the same name.
  if (owner?.host !== hostname() || owner.space !== processSpace()) return null;
  if (!isRunning(owner.pid)) return false;
  const start = processStart(owner.pid);
  return start === null || owner.start === null || owner.start === start;
}

interface Owner {
  host: string;
  space: string | null;
  pid: number;
  start: string | null;
}

function parse(line: string): Owner | null {
  try {
    const value: unknown = JSON.parse(line);
    if (!isJsonObject(value)) return null;
    const { host, space, pid, start } = value;
    if (typeof host !== 'string' || typeof pid !== 'number') return null;
    return {
      host,
      pid,
      space: typeof space === 'string' ? space : null,
      start: typeof start === 'string' ? start : null,
    };
  } catch {
    return null;
  }
}

// Which numbers of processes are comparable; systems without name spaces have one.
function processSpace(): string | null {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return null;
  }
}
