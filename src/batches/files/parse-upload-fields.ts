import { InvalidRequestError } from '../../core/errors/app-error.js';
import type { FormField } from '../../http/body/read-multipart.js';
import { FILE_PURPOSES, type FilePurpose } from './stored-file.js';

const KNOWN: ReadonlySet<string> = new Set(['purpose', 'expires_after[anchor]', 'expires_after[seconds]']);
const LEAST_SECONDS = 3_600;
const MOST_SECONDS = 2_592_000;

/** What an upload says of its file. */
export interface UploadFields {
  readonly purpose: FilePurpose;
  /** From its creation; null keeps it until it is deleted. */
  readonly keptSeconds: number | null;
}

/** Reads the fields of an upload besides the file. Throws InvalidRequestError. */
export function parseUploadFields(fields: readonly FormField[]): UploadFields {
  const values = new Map(fields);
  for (const name of values.keys())
    if (!KNOWN.has(name)) refuse('invalid_multipart', name, 'The form has a field that files do not have.');
  const purpose = values.get('purpose');
  if (purpose === undefined)
    refuse('missing_required_parameter', 'purpose', '`purpose` is missing. Send it, such as `batch`.');
  const known = FILE_PURPOSES.find((candidate) => candidate === purpose);
  if (!known) refuse('invalid_value', 'purpose', `\`purpose\` must be one of ${FILE_PURPOSES.join(', ')}.`);
  return { purpose: known, keptSeconds: readExpiry(values) };
}

function readExpiry(values: ReadonlyMap<string, string>): number | null {
  const anchor = values.get('expires_after[anchor]');
  const seconds = values.get('expires_after[seconds]');
  if (anchor === undefined && seconds === undefined) return null;
  if (anchor !== 'created_at')
    refuse('invalid_value', 'expires_after.anchor', '`expires_after.anchor` must be `created_at`.');
  const count = /^\d{1,9}$/.test(seconds ?? '') ? Number(seconds) : 0;
  if (count < LEAST_SECONDS || count > MOST_SECONDS) {
    const message = `\`expires_after.seconds\` must be a whole number from ${String(LEAST_SECONDS)} to ${String(MOST_SECONDS)}.`;
    refuse('invalid_value', 'expires_after.seconds', message);
  }
  return count;
}

function refuse(
  code: 'invalid_multipart' | 'invalid_value' | 'missing_required_parameter',
  param: string,
  message: string,
): never {
  throw new InvalidRequestError(code, message, { param: param.slice(0, 100) });
}
