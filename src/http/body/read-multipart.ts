import busboy, { type FileInfo } from 'busboy';
import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { AppError, ClientGoneError, InvalidRequestError } from '../../core/errors/app-error.js';
import { checkStrings } from './check-strings.js';

/** A file of a form while it arrives; whoever takes it reads the stream to its end or throws. */
export interface IncomingFile {
  readonly field: string;
  readonly name: string;
  /** As the client calls it; clients often do not know better than `application/octet-stream`. */
  readonly mediaType: string;
  readonly stream: Readable;
}

/** What a form may hold. */
export interface FormLimits {
  readonly maxFiles: number;
  readonly maxFields: number;
  readonly maxFieldBytes: number;
  /** Of all fields together, which are kept in memory; nothing more than what follows from the others when missing. */
  readonly maxBytesOfFields?: number;
  /** Which fields may come more than once; none when missing. */
  readonly mayRepeat?: (name: string) => boolean;
}

/** A field with its value. */
export type FormField = readonly [name: string, value: string];

/**
 * Reads a `multipart/form-data` body: files go one after the other to `takeFile` as they arrive, which keeps the client back;
 * fields are resolved with. Rejects with what `takeFile` rejects with, with AppError for what is no proper form, and with
 * ClientGoneError; nothing is read any more then.
 */
export async function readMultipart(
  request: IncomingMessage,
  limits: FormLimits,
  takeFile: (file: IncomingFile) => Promise<void>,
): Promise<readonly FormField[]> {
  checkHeaders(request);
  const parser = createParser(request, limits);
  const fields: FormField[] = [];
  const takeField = fieldTaker(fields, limits);
  let files: Promise<void> = Promise.resolve();
  try {
    await new Promise<void>((resolve, reject) => {
      parser.on('field', (name, value, { valueTruncated }) => {
        const problem = takeField(name, valueTruncated ? null : value);
        if (problem) reject(problem);
      });
      parser.on('file', (field: string | undefined, stream, info: Partial<FileInfo>) => {
        // A part may lack any of them.
        const { filename: name = '', mimeType: mediaType = '' } = info;
        // What the parser has to say about a broken body it says on the file that it was in, too.
        stream.on('error', () => undefined);
        files = files.then(() => takeFile({ field: field ?? '', name, mediaType, stream }));
        files.catch(reject);
      });
      refuseMore(parser, limits, reject);
      parser.on('error', (error) => {
        reject(broken(error as Error));
      });
      parser.on('close', () => {
        files.then(resolve, reject);
      });
      request.once('close', () => {
        if (!request.readableEnded) reject(new ClientGoneError());
      });
      request.once('error', () => {
        reject(new ClientGoneError());
      });
      request.pipe(parser);
    });
    for (const [name, value] of fields) checkStrings({ [name.slice(0, 100)]: value });
    return fields;
  } catch (error) {
    request.unpipe(parser);
    parser.destroy();
    await files.catch(() => undefined);
    throw error;
  }
}

function checkHeaders({ headers }: IncomingMessage): void {
  if (!/^multipart\/form-data\s*;/i.test(`${headers['content-type'] ?? ''};`)) {
    throw new AppError('unsupported_media_type', 'Send the files as `Content-Type: multipart/form-data`.');
  }
  if ((headers['content-encoding'] ?? 'identity').toLowerCase() !== 'identity') {
    throw new AppError('unsupported_encoding', 'Send a form plain; it cannot be compressed.');
  }
}

function createParser(
  { headers }: IncomingMessage,
  { maxFiles: files, maxFields: fields, maxFieldBytes: fieldSize }: FormLimits,
): ReturnType<typeof busboy> {
  // One more of each, so that too many are told from just enough.
  const limits = { fieldSize, fields, files, parts: fields + files + 1 };
  try {
    return busboy({ headers, defParamCharset: 'utf8', limits });
  } catch (error) {
    throw broken(error as Error);
  }
}

function refuseMore(
  parser: ReturnType<typeof busboy>,
  { maxFiles, maxFields }: FormLimits,
  reject: (error: Error) => void,
): void {
  parser.on('filesLimit', () => {
    reject(invalid(`Send at most ${String(maxFiles)} files at once.`));
  });
  const refuse = (): void => {
    reject(invalid(`The form has too many fields: at most ${String(maxFields)}.`));
  };
  parser.on('fieldsLimit', refuse).on('partsLimit', refuse);
}

/** Takes fields in, and gives the error for one that cannot be taken. */
function fieldTaker(
  fields: FormField[],
  limits: FormLimits,
): (name: string | undefined, value: string | null) => AppError | null {
  const { maxBytesOfFields: most = Infinity } = limits;
  let bytes = 0;
  return (name, value) => {
    bytes += Buffer.byteLength(value ?? '');
    if (bytes > most) return invalid(`The fields of the form are larger than ${String(most)} bytes together.`);
    return addField(fields, limits, name, value);
  };
}

function addField(
  fields: FormField[],
  { maxFieldBytes, mayRepeat }: FormLimits,
  name: string | undefined,
  value: string | null,
): AppError | null {
  if (name === undefined || name === '') return invalid('A field of the form has no name.');
  if (value === null) return invalid(`A field of the form is larger than ${String(maxFieldBytes)} bytes.`);
  if (fields.some(([known]) => known === name) && mayRepeat?.(name) !== true) {
    return invalid('The form has a field twice. Send each field once.');
  }
  fields.push([name, value]);
  return null;
}

function broken(cause: Error): AppError {
  const message = 'The form is broken or cut off. Send `multipart/form-data` with its boundary and an end.';
  return new AppError('invalid_multipart', message, { cause });
}

function invalid(message: string): AppError {
  return new InvalidRequestError('invalid_multipart', message);
}
