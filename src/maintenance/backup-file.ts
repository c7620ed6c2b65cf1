import { createReadStream, createWriteStream, existsSync, renameSync, rmSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { constants, createGunzip, createGzip } from 'node:zlib';
import { isJsonObject, type JsonObject } from '../core/json.js';
import type { Contents, DataSet, Piece, Row } from './data-set.js';
import { MaintenanceError } from './maintenance-error.js';

/** The first line of every backup says that it is one; the format's version changes when older code cannot read it. */
const FORMAT = 'trunkline-backup';
const FORMAT_VERSION = 1;
const NEW_LINE = 0x0a;
const END = { end: true };

/*
 * A backup is JSON lines, compressed: a head with the contents, pieces of tables as `[table, rows]`, and a last line that
 * says that nothing is missing.
 */

/** Writes a backup, whole or not at all, readable for its owner alone. Throws MaintenanceError when the file exists. */
export async function writeBackup(file: string, data: DataSet): Promise<void> {
  if (existsSync(file)) throw new MaintenanceError(`${file} exists already. Take another name.`);
  const draft = `${file}.part`;
  try {
    await pipeline(
      toLines(data),
      createGzip({ level: constants.Z_BEST_SPEED }),
      createWriteStream(draft, { mode: 0o600, flags: 'wx', flush: true }),
    );
    renameSync(draft, file);
  } catch (error) {
    const { code, path, message } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' && path === draft) {
      throw new MaintenanceError(
        `${draft} exists: a backup is being written there, or one was cut off. Remove it, or take another name.`,
      );
    }
    rmSync(draft, { force: true });
    throw new MaintenanceError(`The backup could not be written to ${file}: ${message}`, { cause: error });
  }
}

async function* toLines({ contents, pieces }: DataSet): AsyncIterable<string> {
  yield toLine({ format: FORMAT, formatVersion: FORMAT_VERSION, contents });
  for await (const { table, rows } of pieces()) yield toLine([table, rows]);
  yield toLine(END);
}

function toLine(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}

/** Reads a backup. Throws MaintenanceError when the file is none, is of a newer format, is damaged, or ends too soon. */
export async function openBackup(file: string): Promise<DataSet> {
  await assertWhole(file);
  const lines = readLines(file);
  const head = parseHead((await lines.next()).value);
  if (head?.format !== FORMAT) throw new MaintenanceError(`${file} is no backup of Trunkline.`);
  if (head.formatVersion !== FORMAT_VERSION) {
    throw new MaintenanceError(
      `${file} was written by a newer version of Trunkline. Take that version or a newer one.`,
    );
  }
  return { contents: head.contents as unknown as Contents, pieces: () => toPieces(lines) };
}

function parseHead(line: Buffer | undefined): JsonObject | null {
  const head: unknown = line && JSON.parse(line.toString('utf8'));
  return isJsonObject(head) ? head : null;
}

/** Looked at before anything is made of it: making a database takes longer. */
async function assertWhole(file: string): Promise<void> {
  let last: Buffer = Buffer.alloc(0);
  for await (const line of readLines(file)) last = line;
  if (last.toString('utf8') !== JSON.stringify(END)) {
    throw new MaintenanceError(`${file} ends too soon, or is no backup of Trunkline.`);
  }
}

async function* toPieces(lines: AsyncIterable<Buffer>): AsyncIterable<Piece> {
  for await (const line of lines) {
    const read: unknown = JSON.parse(line.toString('utf8'));
    if (!Array.isArray(read)) return;
    const [table, rows] = read as [number, Row[]];
    yield { table, rows };
  }
}

async function* readLines(file: string): AsyncGenerator<Buffer, undefined> {
  const source = createReadStream(file);
  const text = createGunzip();
  source.once('error', (error) => text.destroy(error));
  try {
    yield* splitLines(source.pipe(text));
  } catch (error) {
    throw unreadable(file, error);
  } finally {
    source.destroy();
  }
  return undefined;
}

// Line by line as they are asked for: a reader that runs ahead would hold many pieces in memory.
async function* splitLines(source: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  let parts: Buffer[] = [];
  for await (const chunk of source) {
    let from = 0;
    for (let at = chunk.indexOf(NEW_LINE); at !== -1; at = chunk.indexOf(NEW_LINE, from)) {
      yield Buffer.concat([...parts, chunk.subarray(from, at)]);
      parts = [];
      from = at + 1;
    }
    parts.push(chunk.subarray(from));
  }
}

function unreadable(file: string, error: unknown): MaintenanceError {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return new MaintenanceError(`There is no file ${file}.`);
  return new MaintenanceError(`${file} cannot be read: it is damaged or no backup of Trunkline (${message}).`, {
    cause: error,
  });
}
