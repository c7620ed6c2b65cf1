/** Where the write-ahead files lie, below the data directory. */
export const LEDGER_FOLDER = 'ledger';

/** What the database will never take, below the folder of the write-ahead files. */
export const REJECTED_FILE = 'rejected.jsonl';

const NAME = /^(inst_[A-Za-z0-9]+)\.(\d{9,})\.jsonl$/;

/** The file of a process's write-ahead log with this number. */
export function segmentName(instanceId: string, sequence: number): string {
  return `${instanceId}.${String(sequence).padStart(9, '0')}.jsonl`;
}

/** Whose file it is and which of them; null when it is none of the log's. */
export function parseSegmentName(name: string): { instanceId: string; sequence: number } | null {
  const [, instanceId, sequence] = NAME.exec(name) ?? [];
  return instanceId === undefined ? null : { instanceId, sequence: Number(sequence) };
}
