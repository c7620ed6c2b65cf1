import { readFile } from 'node:fs/promises';

/** How much memory a process takes, in bytes; null where the system does not tell or the process is gone. */
export async function readRss(processId: number): Promise<number | null> {
  try {
    const status = await readFile(`/proc/${String(processId)}/status`, 'latin1');
    const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(status)?.[1];
    return kilobytes === undefined ? null : Number(kilobytes) * 1024;
  } catch {
    return null;
  }
}
