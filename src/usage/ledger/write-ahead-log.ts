import {
  closeSync,
  existsSync,
  fdatasync,
  fdatasyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DatabaseConfig } from '../../config/database-config.js';
import { NeededDependencies } from '../../core/needed-dependencies.js';
import { unusableDataDir } from '../../database/embedded/start-failure.js';
import { InstanceHeartbeatService } from '../../database/instance-heartbeat.service.js';
import { describeOwner } from './log-owner.js';
import { LEDGER_FOLDER, segmentName } from './segment-name.js';

const SEGMENT_BYTES = 4 * 1024 ** 2;
/** More than the rest of a block that a file may have on a disk that is full. */
const PROBE = ' '.repeat(16 * 1024);

/** One file of the log. */
export interface Segment {
  readonly sequence: number;
  readonly path: string;
  bytes: number;
  /** How many of its entries are neither in the database nor outdone by a later entry. */
  pending: number;
}

/**
 * What is not in the database yet, in files of this process under the data directory: one line an entry and one write a
 * line, so that it outlives the process; with `sync` the power, too. A file goes when nothing in it is pending.
 */
@Injectable()
export class WriteAheadLog implements OnModuleInit {
  readonly #dataDir: string;
  readonly #directory: string;
  readonly #segments: Segment[] = [];
  #file: number | null = null;
  #current: Segment | null = null;
  #sequence = 0;
  #header: string | null = null;
  #isFailing = false;
  #isSyncing = false;
  #isSyncWanted = false;

  constructor(
    config: DatabaseConfig,
    private readonly heartbeat: InstanceHeartbeatService,
    needs: NeededDependencies,
  ) {
    this.#dataDir = config.dataDir;
    this.#directory = join(config.dataDir, LEDGER_FOLDER);
    needs.add('ledger-file', () => this.#isWritable());
  }

  get instanceId(): string {
    return this.heartbeat.instanceId;
  }

  /** A directory that cannot be written to is better found at the start than by the first request. */
  onModuleInit(): void {
    try {
      this.#rotate();
    } catch (error) {
      throw unusableDataDir(this.#dataDir, error);
    }
  }

  /** Where the next line will stand. */
  get end(): { segment: Segment; offset: number } | null {
    return this.#current && { segment: this.#current, offset: this.#current.bytes };
  }

  /** How many entries are pending in all files, and how large those are. */
  get size(): { entries: number; bytes: number } {
    return this.#segments.reduce(
      ({ entries, bytes }, segment) => ({ entries: entries + segment.pending, bytes: bytes + segment.bytes }),
      { entries: 0, bytes: 0 },
    );
  }

  /** Writes a line, whole or not at all, and returns the segment it is in; throws what the system said if it cannot. */
  append(line: string): Segment {
    this.#isFailing = true;
    if (this.#file === null || !this.#current || this.#current.bytes >= SEGMENT_BYTES) this.#rotate();
    const segment = this.#current;
    if (segment === null) throw new Error('The log has no segment.');
    // A disk that was full when the file began took no header.
    this.#write(segment, segment.bytes === 0 ? this.#firstLine() + line : line);
    segment.pending += 1;
    this.#isFailing = false;
    return segment;
  }

  /** What was appended so far outlives a power cut, too, once the disk has done its work; nobody waits for that. */
  sync(): void {
    if (this.#file === null) return;
    this.#isSyncWanted = this.#isSyncing;
    if (this.#isSyncing) return;
    this.#isSyncing = true;
    // A disk that cannot is no worse than none that was asked; what cannot be written is told elsewhere.
    fdatasync(this.#file, () => {
      this.#isSyncing = false;
      if (this.#isSyncWanted) this.sync();
    });
  }

  /** One entry of the segment is pending no more. */
  release(segment: Segment, entries = 1): void {
    segment.pending -= entries;
    if (segment.pending <= 0 && segment !== this.#current) this.#remove(segment);
  }

  /** The segment after this one; null when it is the last. */
  after(segment: Segment): Segment | null {
    return this.#segments.find(({ sequence }) => sequence > segment.sequence) ?? null;
  }

  /** Ends the log; what is pending stays in its files for the next start. Appending begins a new one. */
  close(): void {
    const current = this.#current;
    this.#closeFile();
    if (current && current.pending <= 0) this.#remove(current);
  }

  #rotate(): void {
    this.#sequence += 1;
    mkdirSync(this.#directory, { recursive: true, mode: 0o700 });
    const path = join(this.#directory, segmentName(this.instanceId, this.#sequence));
    const file = openSync(path, 'ax', 0o600);
    const segment: Segment = { sequence: this.#sequence, path, bytes: 0, pending: 0 };
    const previous = this.#current;
    if (this.#isSyncing && this.#file !== null) fdatasyncSync(this.#file);
    this.#closeFile();
    this.#file = file;
    this.#current = segment;
    this.#segments.push(segment);
    if (previous && previous.pending <= 0) this.#remove(previous);
    this.#write(segment, this.#firstLine());
  }

  #firstLine(): string {
    this.#header ??= `${describeOwner(this.instanceId)}\n`;
    return this.#header;
  }

  // After a failure nothing is appended until this says that it is over; and what stands in a file that was removed is gone.
  #isWritable(): boolean {
    const segment = this.#current;
    if (!segment) return true;
    try {
      if (!existsSync(segment.path)) this.#rotate();
      else if (this.#isFailing) this.#tryToWrite(segment);
      this.#isFailing = false;
    } catch {
      this.#isFailing = true;
    }
    return !this.#isFailing;
  }

  #tryToWrite(segment: Segment): void {
    if (this.#file === null) return;
    const { bytes } = segment;
    this.#write(segment, PROBE);
    segment.bytes = bytes;
    this.#takeBack(this.#file, segment);
  }

  // A full disk may take the beginning of a line: it is taken back, so that the next line does not stand behind it.
  #write(segment: Segment, line: string): void {
    const file = this.#file;
    if (file === null) throw new Error('The log is closed.');
    try {
      const bytes = Buffer.byteLength(line);
      const written = writeSync(file, line);
      if (written < bytes) throw Object.assign(new Error('No space left on the device.'), { code: 'ENOSPC' });
      segment.bytes += bytes;
    } catch (error) {
      this.#takeBack(file, segment);
      throw error;
    }
  }

  #takeBack(file: number, segment: Segment): void {
    try {
      ftruncateSync(file, segment.bytes);
    } catch {
      // Then the next line begins a file of its own.
      segment.bytes = SEGMENT_BYTES;
    }
  }

  #closeFile(): void {
    if (this.#file !== null) closeSync(this.#file);
    this.#file = null;
    this.#current = null;
  }

  #remove(segment: Segment): void {
    this.#segments.splice(this.#segments.indexOf(segment), 1);
    rmSync(segment.path, { force: true });
  }
}
