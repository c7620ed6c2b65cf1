import { InvalidRequestError } from '../../core/errors/app-error.js';
import { type AudioFile, TRANSCRIPT_FORMATS, type TranscriptionRequest } from '../../core/media/media-request.js';
import { readChoice, readNumber, refuse } from '../read-parameters.js';
import { requireModel } from './require-text.js';

type Fields = TranscriptionRequest['fields'];

const TRUTHS: Readonly<Record<string, boolean>> = {
  true: true,
  True: true,
  '1': true,
  false: false,
  False: false,
  '0': false,
};
const DECIMAL = /^\d+(\.\d+)?$/;

/** Which fields of the form may come more than once. */
export function isListField(name: string): boolean {
  return name.endsWith('[]');
}

/** Reads a form of `POST /v1/audio/transcriptions`. Throws InvalidRequestError with the name of the first wrong field. */
export function parseTranscriptionForm(fields: Fields, file: AudioFile | null): TranscriptionRequest {
  const values = new Map(fields);
  const model = requireModel(values.get('model'));
  if (!file) {
    throw new InvalidRequestError('missing_required_parameter', 'The form has no sound. Send it in the field `file`.', {
      param: 'file',
    });
  }
  checkTemperature(values.get('temperature'));
  return {
    model,
    prompt: values.get('prompt') ?? '',
    format: readChoice(values.get('response_format'), 'response_format', TRANSCRIPT_FORMATS) ?? 'json',
    isStream: readTruth(values.get('stream')),
    fields,
    file,
  };
}

function checkTemperature(text: string | undefined): void {
  if (text === undefined) return;
  if (!DECIMAL.test(text)) refuse('invalid_value', 'temperature', '`temperature` must be a number.');
  readNumber(Number(text), 'temperature', { min: 0, max: 1 });
}

function readTruth(text: string | undefined): boolean {
  if (text === undefined || text === '') return false;
  return TRUTHS[text] ?? refuse('invalid_value', 'stream', '`stream` must be true or false.');
}
