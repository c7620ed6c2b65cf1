import type { IncomingMessage } from 'node:http';
import { Injectable } from '@nestjs/common';
import { AppError, InvalidRequestError } from '../../core/errors/app-error.js';
import { type FormLimits, readMultipart } from '../../http/body/read-multipart.js';
import { FileReceiver, fileTooLarge } from './file-receiver.service.js';
import { FileStore } from './file-store.js';
import { parseUploadFields } from './parse-upload-fields.js';
import type { StoredFile } from './stored-file.js';

const LIMITS: FormLimits = { maxFiles: 1, maxFields: 8, maxFieldBytes: 1024 };
/** What a form may have besides its file before it is refused unread. */
const FORM_BYTES = 64 * 1024;

/** Takes files in. */
@Injectable()
export class FilesService {
  constructor(
    private readonly store: FileStore,
    private readonly receiver: FileReceiver,
  ) {}

  /** Stores the file of a form. Rejects with what is wrong with it; nothing is left then. */
  async upload(request: IncomingMessage, projectId: string): Promise<StoredFile> {
    const { limitBytes } = this.receiver;
    if (Number(request.headers['content-length'] ?? 0) > limitBytes + FORM_BYTES) throw fileTooLarge(limitBytes);
    const received: string[] = [];
    try {
      const fields = await readMultipart(request, LIMITS, async (file) => {
        if (file.field !== 'file') throw noFile();
        received.push(await this.receiver.receive(projectId, file));
      });
      const [id] = received;
      if (id === undefined) throw noFile();
      const { purpose, keptSeconds } = parseUploadFields(fields);
      return await this.store.complete(id, purpose, keptSeconds);
    } catch (error) {
      // What cannot be removed now is found by the sweeper.
      for (const id of received) await this.receiver.discard(id).catch(() => undefined);
      throw error;
    }
  }

  /** Throws `not_found`. */
  async get(projectId: string, id: string): Promise<StoredFile> {
    const file = await this.store.find(projectId, id);
    if (!file) throw new AppError('not_found', 'There is no file with this id.', { param: 'id' });
    return file;
  }
}

function noFile(): InvalidRequestError {
  return new InvalidRequestError('invalid_multipart', 'The form has no file. Send one in a field of the name `file`.', {
    param: 'file',
  });
}
