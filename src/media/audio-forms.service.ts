import type { IncomingMessage } from 'node:http';
import { Injectable } from '@nestjs/common';
import { UploadConfig } from '../config/upload-config.js';
import type { CallContext } from '../core/call-context.js';
import { Clock } from '../core/clock.js';
import { InvalidRequestError } from '../core/errors/app-error.js';
import { OptionalDependencies } from '../core/optional-dependencies.js';
import type { AudioFile, TranscriptionRequest } from '../core/media/media-request.js';
import { isListField, parseTranscriptionForm } from '../dialects/openai-media/parse-transcription-form.js';
import { type FormLimits, type IncomingFile, readMultipart } from '../http/body/read-multipart.js';
import { audioTooLarge, hasRoom, keepInFile } from './audio-file.js';
import { measureAudio } from './measure-audio.js';
import { TemporaryFolder } from './temporary-folder.js';

/** Samples of known speakers come as fields. */
const FIELD_BYTES = 1024 * 1024;
/** What a form may have besides its file. */
const FORM_BYTES = 8 * FIELD_BYTES;
const LIMITS: FormLimits = {
  ...{ maxFiles: 1, maxFields: 64, maxFieldBytes: FIELD_BYTES, maxBytesOfFields: FORM_BYTES },
  mayRepeat: isListField,
};

/** Takes in forms with sound. */
@Injectable()
export class AudioForms {
  readonly #limitBytes: number;

  constructor(
    config: UploadConfig,
    private readonly clock: Clock,
    private readonly folder: TemporaryFolder,
    dependencies: OptionalDependencies,
  ) {
    this.#limitBytes = config.audioLimitBytes;
    dependencies.add('temporary-files', () => hasRoom(folder.path));
  }

  /**
   * What a form asks for. Its file lies on the disk until the call is over. Throws `file_too_large`, `empty_file`,
   * `invalid_multipart`, `storage_full`, `dependency_unavailable`, and what is wrong with its fields.
   */
  async receive(request: IncomingMessage, call: CallContext): Promise<TranscriptionRequest> {
    if (Number(request.headers['content-length']) > this.#limitBytes + FORM_BYTES)
      throw audioTooLarge(this.#limitBytes);
    let file: AudioFile | null = null;
    const fields = await readMultipart(request, LIMITS, async (incoming) => {
      file = await this.#keep(incoming, call);
    });
    return parseTranscriptionForm(fields, file);
  }

  async #keep({ field, name, mediaType, stream }: IncomingFile, call: CallContext): Promise<AudioFile> {
    if (field !== 'file') {
      throw new InvalidRequestError('invalid_multipart', 'Send the sound in a field of the name `file`.', {
        param: 'file',
      });
    }
    const kept = await keepInFile(stream, this.#limitBytes, this.folder.path);
    call.defer(kept.close);
    const { sizeBytes, open } = kept;
    const seconds = await measureAudio({ name, mediaType, sizeBytes, open }, this.clock);
    return { name, mediaType, sizeBytes, seconds, open };
  }
}
