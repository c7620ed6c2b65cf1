import { isJsonObject, type JsonObject } from '../../core/json.js';
import type { SpeechRequest } from '../../core/media/media-request.js';
import { readChoice, readNumber, readString, refuseMissing, refuseType } from '../read-parameters.js';
import { requireModel, requireText } from './require-text.js';

const MAX_INPUT_CHARACTERS = 65_536;
const SPEEDS = { min: 0.25, max: 4 };

/** Reads a body of `POST /v1/audio/speech`. Throws InvalidRequestError with the path of the first wrong parameter. */
export function parseSpeechRequest(body: JsonObject): SpeechRequest {
  const { voice } = body;
  const model = requireModel(body.model);
  const input = requireText(body.input, 'input', MAX_INPUT_CHARACTERS);
  if (voice === undefined) refuseMissing('voice');
  if (typeof voice !== 'string' && !isJsonObject(voice)) refuseType('voice', 'the name of a voice', voice);
  readString(body.response_format, 'response_format');
  return {
    model,
    input,
    instructions: readString(body.instructions, 'instructions') ?? '',
    speed: readNumber(body.speed, 'speed', SPEEDS) ?? 1,
    isStream: readChoice(body.stream_format, 'stream_format', ['audio', 'sse']) === 'sse',
    body,
  };
}
