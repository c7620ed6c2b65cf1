import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

const IS_LINUX = process.platform === 'linux';
const TICKS_PER_SECOND = IS_LINUX ? Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' })) : NaN;
const PAGE_BYTES = IS_LINUX ? Number(execFileSync('getconf', ['PAGESIZE'], { encoding: 'utf8' })) : NaN;

/** A process and everything it started, as the kernel knows them. Numbers are NaN where there is no /proc. */
export function treeOf(pid: number): number[] {
  if (!IS_LINUX) return [pid];
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    const child = Number(name);
    const fields = Number.isInteger(child) ? statOf(child) : null;
    if (fields) parents.set(child, Number(fields[1]));
  }
  const tree = [pid];
  for (const parent of tree) {
    for (const [child, itsParent] of parents) if (itsParent === parent) tree.push(child);
  }
  return tree;
}

/** CPU seconds that the processes have used so far, in user and system mode. */
export function cpuSeconds(pids: readonly number[]): number {
  let ticks = 0;
  for (const pid of pids) {
    const fields = statOf(pid);
    if (fields) ticks += Number(fields[11]) + Number(fields[12]);
  }
  return ticks / TICKS_PER_SECOND;
}

/** Bytes of memory that the processes hold. */
export function residentBytes(pids: readonly number[]): number {
  let pages = 0;
  for (const pid of pids) pages += Number(statOf(pid)?.[21] ?? 0);
  return pages * PAGE_BYTES;
}

// The fields behind the name, which may hold blanks: state, parent, ... Null when the process is gone.
function statOf(pid: number): string[] | null {
  try {
    const text = readFileSync(`/proc/${String(pid)}/stat`, 'latin1');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return null;
  }
}
