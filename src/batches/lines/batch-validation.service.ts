import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { InvalidRequestError } from '../../core/errors/app-error.js';
import { parseJson } from '../../http/body/parse-json.js';
import { JobFailure, type RunningJob } from '../../jobs/job.js';
import type { BatchJobPayload } from '../batch-job.js';
import { type EndpointUrl, isEndpointUrl } from '../endpoints.js';
import { FileContents } from '../files/file-contents.service.js';
import { FileStore } from '../files/file-store.js';
import { GROUP_CHARACTERS, GROUP_LINES, insertLines } from '../store/batch-store.js';
import { fenced } from '../store/fence.js';
import type { BatchRow } from '../store/stored-batch.js';
import { type BatchProblem, MOST_LINE_BYTES, MOST_LINES, type NumberedLine } from './batch-line.js';
import { parseLine } from './parse-line.js';
import { type FileLine, splitLines } from './split-lines.js';

type Job = RunningJob<BatchJobPayload>;

/** More mistakes than these help nobody. */
const MOST_PROBLEMS = 100;

/** What was read so far. */
interface Reading {
  readonly job: Job;
  readonly endpoint: EndpointUrl | null;
  readonly problems: BatchProblem[];
  /** Lines that are not written down yet, with their number in the file. */
  readonly waiting: (NumberedLine & { readonly number: number })[];
  waitingCharacters: number;
  total: number;
}

/** Reads the file of a batch: all of it is right, or nothing of it is done. */
@Injectable()
export class BatchValidation {
  constructor(
    private readonly dataSource: DataSource,
    private readonly files: FileStore,
    private readonly contents: FileContents,
  ) {}

  /**
   * Writes every line down for its own. Rejects with JobFailure when the file has mistakes, which stand in the batch's
   * `errors` then.
   */
  async validate(job: Job, batch: BatchRow): Promise<void> {
    // An earlier attempt may have come to any place.
    await fenced(this.dataSource, job, (manager) => dropLines(manager, batch.id));
    const endpoint = isEndpointUrl(batch.endpoint) ? batch.endpoint : null;
    const reading: Reading = { job, endpoint, problems: [], waiting: [], waitingCharacters: 0, total: 0 };
    await this.#read(reading, batch);
    const [first] = reading.problems;
    if (!first) {
      await fenced(this.dataSource, job, (manager) => begin(manager, batch.id, reading.total));
      return;
    }
    await fenced(this.dataSource, job, (manager) => refuse(manager, batch.id, reading.problems));
    throw new JobFailure(
      first.code,
      first.line === null ? first.message : `Line ${String(first.line)}: ${first.message}`,
    );
  }

  async #read(reading: Reading, batch: BatchRow): Promise<void> {
    const file = await this.files.findInput(batch.project_id, batch.input_file_id ?? '');
    if (!file) {
      addProblem(reading, null, new InvalidRequestError('not_found', 'The input file is not there any more.'));
      return;
    }
    for await (const line of splitLines(this.contents.read(file), MOST_LINE_BYTES)) {
      reading.job.signal.throwIfAborted();
      this.#take(reading, line);
      const isGroup = reading.waiting.length >= GROUP_LINES || reading.waitingCharacters >= GROUP_CHARACTERS;
      if (isGroup) await this.#write(reading, batch.id);
      if (reading.problems.length >= MOST_PROBLEMS || reading.total > MOST_LINES) break;
    }
    if (reading.total > MOST_LINES) addProblem(reading, null, tooMany());
    else await this.#write(reading, batch.id);
    if (reading.total === 0 && reading.problems.length === 0) {
      addProblem(reading, null, new InvalidRequestError('empty_file', 'The input file has no requests.'));
    }
  }

  #take(reading: Reading, { number, bytes }: FileLine): void {
    try {
      if (bytes === null) throw tooLong();
      const line = parseLine(parseJson(bytes), reading.endpoint);
      reading.waiting.push({ ...line, ordinal: reading.total, number });
      reading.waitingCharacters += line.body.length;
      reading.total += 1;
    } catch (error) {
      if (!(error instanceof InvalidRequestError)) throw error;
      addProblem(reading, number, error);
    }
  }

  async #write(reading: Reading, batchId: string): Promise<void> {
    const lines = reading.waiting.splice(0);
    reading.waitingCharacters = 0;
    if (lines.length === 0) return;
    const fresh = await fenced(this.dataSource, reading.job, (manager) => insertLines(manager, batchId, lines));
    for (const { ordinal, number } of lines) if (!fresh.has(ordinal)) addProblem(reading, number, duplicate());
  }
}

function addProblem({ problems }: Reading, line: number | null, { code, message, param }: InvalidRequestError): void {
  if (problems.length >= MOST_PROBLEMS) return;
  const shown = code === 'invalid_json' || code === 'invalid_utf8' ? 'invalid_batch_line' : code;
  problems.push({ code: shown, message: message.replace(/^The body/, 'The line'), param, line });
}

function duplicate(): InvalidRequestError {
  const message = 'The `custom_id` is that of an earlier line. Give each line its own.';
  return new InvalidRequestError('duplicate_custom_id', message, { param: 'custom_id' });
}

function tooLong(): InvalidRequestError {
  const message = `The line is longer than ${String(MOST_LINE_BYTES)} bytes.`;
  return new InvalidRequestError('batch_too_large', message);
}

function tooMany(): InvalidRequestError {
  return new InvalidRequestError('batch_too_large', `The file has more than ${String(MOST_LINES)} lines. Split it.`);
}

async function dropLines(manager: EntityManager, batchId: string): Promise<void> {
  await manager.query('delete from batch_line where batch_id = $1', [batchId]);
}

async function begin(manager: EntityManager, batchId: string, total: number): Promise<void> {
  await manager.query(
    `update batch set status = 'in_progress', total = $2, in_progress_at = now()
     where id = $1 and status = 'validating'`,
    [batchId, total],
  );
}

async function refuse(manager: EntityManager, batchId: string, problems: readonly BatchProblem[]): Promise<void> {
  await dropLines(manager, batchId);
  await manager.query('update batch set errors = $2 where id = $1', [batchId, JSON.stringify(problems)]);
}
