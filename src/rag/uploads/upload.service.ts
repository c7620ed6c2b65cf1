import type { IncomingMessage } from 'node:http';
import { Injectable } from '@nestjs/common';
import { AppError, InvalidRequestError } from '../../core/errors/app-error.js';
import type { Principal } from '../../core/principal.js';
import { RequestValidationPipe } from '../../http/validation.pipe.js';
import { IndexingService } from '../indexing/indexing.service.js';
import { type FormLimits, type IncomingFile, readMultipart } from '../../http/body/read-multipart.js';
import { UploadFieldsDto, type UploadedFileDto } from './upload.dto.js';
import { type StoredUpload, UploadStore } from './upload-store.js';

const LIMITS: FormLimits = { maxFiles: 20, maxFields: 16, maxFieldBytes: 64 * 1024 };
const FILE_FIELDS: ReadonlySet<string> = new Set(['file', 'files', 'file[]', 'files[]']);
const FIELDS_OF_ONE_FILE = ['source', 'title', 'document_id'] as const;

/** Takes files in: stores them while they arrive, and has each indexed as a document. */
@Injectable()
export class UploadService {
  readonly #validation = new RequestValidationPipe();

  constructor(
    private readonly store: UploadStore,
    private readonly indexing: IndexingService,
  ) {}

  /**
   * Queues the files of a form. Until all of the form is there and right nothing of it counts, and nothing is left of it when
   * this rejects; files that were queued before the database failed stay, and sent again are `unchanged`.
   */
  async accept(request: IncomingMessage, principal: Principal): Promise<UploadedFileDto[]> {
    const uploads: StoredUpload[] = [];
    try {
      const fields = await this.#readFields(request, async (file) => {
        uploads.push(await this.store.receive(principal.projectId, file));
      });
      checkFiles(uploads, fields);
      const replies: UploadedFileDto[] = [];
      for (let upload = uploads[0]; upload; upload = uploads[0]) {
        replies.push(await this.#submit(upload, fields, principal));
        uploads.shift();
      }
      return replies;
    } catch (error) {
      // What cannot be removed now is found by the sweeper.
      for (const { id } of uploads) await this.store.remove(principal.projectId, id).catch(() => undefined);
      throw error;
    }
  }

  async #readFields(
    request: IncomingMessage,
    receive: (file: IncomingFile) => Promise<void>,
  ): Promise<UploadFieldsDto> {
    const values = new Map(
      await readMultipart(request, LIMITS, async (file) => {
        if (!FILE_FIELDS.has(file.field)) {
          throw new InvalidRequestError('invalid_multipart', 'Send files in fields of the name `file`.', {
            param: 'file',
          });
        }
        await receive(file);
      }),
    );
    for (const name of FILE_FIELDS) {
      // A form in a browser sends this for a field in which no file was chosen.
      if (values.get(name) === '') values.delete(name);
      if (values.has(name))
        throw new InvalidRequestError('invalid_multipart', 'Send a file with its name.', { param: name });
    }
    const fields = { ...Object.fromEntries(values) };
    return (await this.#validation.transform(fields, { type: 'body', metatype: UploadFieldsDto })) as UploadFieldsDto;
  }

  async #submit(upload: StoredUpload, fields: UploadFieldsDto, principal: Principal): Promise<UploadedFileDto> {
    const { id: uploadId, contentHash, fileName } = upload;
    const { source = fileName, title, language, metadata, collection, document_id } = fields;
    const about = { source, title, language, metadata, collection, document_id };
    const reply = await this.indexing.submitUpload({ ...about, uploadId, contentHash }, principal);
    const { status, job_id, document_id: documentId } = reply;
    return { status, job_id, document_id: documentId, file_name: fileName };
  }
}

function checkFiles(uploads: readonly StoredUpload[], fields: UploadFieldsDto): void {
  if (uploads.length === 0) {
    throw new InvalidRequestError(
      'invalid_multipart',
      'The form has no file. Send one in a field of the name `file`.',
      {
        param: 'file',
      },
    );
  }
  const single = FIELDS_OF_ONE_FILE.find((name) => uploads.length > 1 && fields[name] !== undefined);
  if (single === undefined) return;
  const message = `\`${single}\` is for one file, and the form has ${String(uploads.length)}. Send them one by one.`;
  throw new AppError('invalid_value', message, { param: single });
}
