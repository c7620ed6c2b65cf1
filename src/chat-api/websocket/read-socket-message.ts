import { AppError, InvalidRequestError } from '../../core/errors/app-error.js';
import { isJsonObject, type JsonObject } from '../../core/json.js';
import { parseJson } from '../../http/body/parse-json.js';

const MOST_ID_CHARACTERS = 128;

/** What a client sent: something to answer, the wish to end an answer, or what is neither, with its id as far as it has one. */
export type SocketMessage =
  | { readonly type: 'message'; readonly id: string; readonly body: JsonObject }
  | { readonly type: 'cancel'; readonly id: string }
  | { readonly type: 'broken'; readonly id: string | null; readonly error: AppError };

/** Reads one text message of a socket. */
export function readSocketMessage(data: Buffer): SocketMessage {
  let id: string | null = null;
  try {
    const value = parseJson(data);
    if (!isJsonObject(value)) {
      throw new InvalidRequestError('invalid_request_body', 'A message must be a JSON object with `type` and `id`.');
    }
    const { type, id: given, ...body } = value;
    id = readId(given);
    if (type === 'message') return { type, id, body };
    if (type !== 'cancel') throw unknownType(type);
    const [stranger] = Object.keys(body);
    if (stranger !== undefined) throw unknownParameter(stranger);
    return { type, id };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { type: 'broken', id, error };
  }
}

function readId(given: unknown): string {
  if (given === undefined || given === null) {
    const message = '`id` is missing. Give each message an id of its own; its answer carries it.';
    throw new InvalidRequestError('missing_required_parameter', message, { param: 'id' });
  }
  if (typeof given !== 'string') {
    throw new InvalidRequestError('invalid_type', '`id` must be a string.', { param: 'id' });
  }
  if (given === '' || given.length > MOST_ID_CHARACTERS) {
    const message = `\`id\` must have 1 to ${String(MOST_ID_CHARACTERS)} characters.`;
    throw new InvalidRequestError('invalid_value', message, { param: 'id' });
  }
  return given;
}

function unknownType(type: unknown): InvalidRequestError {
  const code = type === undefined ? 'missing_required_parameter' : 'invalid_value';
  return new InvalidRequestError(code, '`type` must be `message` or `cancel`.', { param: 'type' });
}

function unknownParameter(name: string): InvalidRequestError {
  const param = name.slice(0, MOST_ID_CHARACTERS);
  return new InvalidRequestError('unknown_parameter', 'A `cancel` takes nothing but `id`.', { param });
}
