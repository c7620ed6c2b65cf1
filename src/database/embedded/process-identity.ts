import { readFileSync } from 'node:fs';

/**
 * When a process of this machine began, as an opaque text, so that a number that was given to another process is not
 * mistaken for the old one (in a container it is always 1). Null where the system does not say, or there is no such process.
 */
export function processStart(pid: number): string | null {
  try {
    const status = readFileSync(`/proc/${String(pid)}/stat`, 'utf8');
    // The second field is the command in parentheses, which may hold spaces; the 22nd is the start time.
    const ticks = status.slice(status.lastIndexOf(')') + 2).split(' ')[19];
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return ticks === undefined ? null : `${boot}:${ticks}`;
  } catch {
    return null;
  }
}

/** Whether a process with this number runs on this machine. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
