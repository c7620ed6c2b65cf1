import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import type { CallContext } from '../core/call-context.js';
import { AppError, InvalidRequestError } from '../core/errors/app-error.js';
import { newId } from '../core/ids.js';
import type { Principal } from '../core/principal.js';
import { JobQueue } from '../jobs/job-queue.js';
import { WebhooksService } from '../jobs/webhooks/webhooks.service.js';
import { BATCH_JOB, type BatchJobPayload } from './batch-job.js';
import { FileStore } from './files/file-store.js';
import type { StoredFile } from './files/stored-file.js';
import type { BatchRequest } from './parse-batch-request.js';
import { BatchStore, inGroups, insertLines } from './store/batch-store.js';
import type { BatchRow } from './store/stored-batch.js';

const MOST_TAGS = 16;

/** Who is told of a batch's end because its maker named an address. */
export interface NamedWebhook {
  readonly id: string;
  readonly url: string;
  /** Of one that was made for the batch; it is not shown again. */
  readonly secret: string | null;
}

/** Makes batches. */
@Injectable()
export class BatchCreator {
  constructor(
    private readonly dataSource: DataSource,
    private readonly files: FileStore,
    private readonly store: BatchStore,
    private readonly jobs: JobQueue,
    private readonly webhooks: WebhooksService,
  ) {}

  /**
   * Stores a batch and queues its work. Throws `not_found` and `invalid_value` for its file, `url_not_allowed`,
   * `invalid_state` and `conflict` for its webhook; then there is no batch.
   */
  async create(
    wanted: BatchRequest,
    call: CallContext,
    ownHost: string,
  ): Promise<{ batch: BatchRow; webhook: NamedWebhook | null }> {
    const { principal } = call;
    const { projectId } = principal;
    // Refused before a webhook is made for it.
    await this.#requireFile(this.dataSource.manager, projectId, wanted);
    const webhook = await this.#webhookAt(wanted.webhookUrl, { projectId, ownHost });
    const id = newId('batch_');
    const tags = [`batch:${id}`, ...call.tags].slice(0, MOST_TAGS);
    await this.dataSource.transaction(async (manager) => {
      const file = await this.#requireFile(manager, projectId, wanted);
      const total = wanted.inputFileId === null ? wanted.lines.length : null;
      const inputBytes = file?.bytes ?? wanted.lines.reduce((sum, { body }) => sum + Buffer.byteLength(body), 0);
      const about = { id, projectId, tags, total, inputBytes, keyId: principal.keyId, webhookId: webhook?.id ?? null };
      await this.store.insert(manager, { ...wanted, ...about });
      const lines = wanted.lines.map((line, ordinal) => ({ ...line, ordinal }));
      for (const group of inGroups(lines)) await insertLines(manager, id, group);
      const job = await this.#enqueue(manager, principal, { batchId: id, webhookId: webhook?.id ?? null });
      await this.store.noteJob(manager, id, job);
    });
    const batch = await this.store.find(projectId, id);
    if (!batch) throw new AppError('not_found', 'The batch was deleted with its project.');
    return { batch, webhook };
  }

  async #enqueue(
    manager: EntityManager,
    { projectId, keyId, scopes }: Principal,
    about: Pick<BatchJobPayload, 'batchId' | 'webhookId'>,
  ): Promise<string> {
    const payload: BatchJobPayload = { ...about, scopes: [...scopes] };
    return (await this.jobs.enqueue({ kind: BATCH_JOB, projectId, keyId, payload }, manager)).id;
  }

  async #requireFile(
    manager: EntityManager,
    projectId: string,
    { inputFileId }: BatchRequest,
  ): Promise<StoredFile | null> {
    if (inputFileId === null) return null;
    const file = await this.files.hold(manager, projectId, inputFileId);
    if (!file) {
      throw new AppError('not_found', 'There is no file with the id given in `input_file_id`.', {
        param: 'input_file_id',
      });
    }
    if (file.purpose === 'batch') return file;
    const message = 'The input file was not uploaded with the purpose `batch`. Upload it again.';
    throw new InvalidRequestError('invalid_value', message, { param: 'input_file_id' });
  }

  async #webhookAt(url: string | null, owner: { projectId: string; ownHost: string }): Promise<NamedWebhook | null> {
    if (url === null) return null;
    const { webhook, secret } = await this.webhooks.ensure(owner, url, 'webhook_url');
    return { id: webhook.id, url: webhook.url, secret };
  }
}
