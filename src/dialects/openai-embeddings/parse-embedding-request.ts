import type { EmbeddingInput, EmbeddingRequest } from '../../core/embedding/embedding-request.js';
import type { JsonObject, JsonValue } from '../../core/json.js';
import {
  readArray,
  readChoice,
  readInteger,
  readString,
  refuse,
  refuseMissing,
  refuseType,
  requireString,
} from '../read-parameters.js';

const MAX_INPUTS = 2_048;
const MAX_CHARACTERS = 262_144;
const MAX_TOKENS = 32_768;
const MAX_TOKEN = 999_999;
const MAX_DIMENSIONS = 16_384;
const ENCODINGS = ['float', 'base64'] as const;

/** How the client wants its vectors: lists of numbers, or base64 of little-endian 32-bit floats. */
export type EmbeddingEncoding = (typeof ENCODINGS)[number];

/** Reads a body of `POST /v1/embeddings`. Throws InvalidRequestError with the path of the first wrong parameter. */
export function parseEmbeddingRequest(body: JsonObject): EmbeddingRequest & { encoding: EmbeddingEncoding } {
  const model = requireString(body.model, 'model');
  if (model === '') refuseMissing('model');
  return {
    model,
    inputs: parseInputs(body.input, 'input'),
    dimensions: readInteger(body.dimensions, 'dimensions', { min: 1, max: MAX_DIMENSIONS }),
    user: readString(body.user, 'user'),
    encoding: readChoice(body.encoding_format, 'encoding_format', ENCODINGS) ?? 'float',
    source: { dialect: 'openai-embeddings', body },
  };
}

function parseInputs(value: JsonValue | undefined, path: string): EmbeddingInput[] {
  if (value === undefined) return refuseMissing(path);
  if (typeof value === 'string') return [checkText(value, path)];
  if (!Array.isArray(value)) return refuseType(path, 'a string or an array', value);
  if (value.length === 0) return refuse('invalid_value', path, `\`${path}\` must hold at least one text.`);
  if (typeof value[0] === 'number') return [checkTokens(value, path)];
  const list = readArray(value, path, MAX_INPUTS) ?? [];
  const isText = typeof list[0] === 'string';
  return list.map((element, index) => parseInput(element, `${path}[${String(index)}]`, isText));
}

function parseInput(value: JsonValue, path: string, isText: boolean): EmbeddingInput {
  if (isText && typeof value === 'string') return checkText(value, path);
  if (!isText && Array.isArray(value)) return checkTokens(value, path);
  return refuseType(path, isText ? 'a string like the first element' : 'an array of token numbers', value);
}

function checkText(text: string, path: string): string {
  if (text === '') return refuse('invalid_value', path, `\`${path}\` must not be empty.`);
  if (text.length <= MAX_CHARACTERS) return text;
  const message = `\`${path}\` has ${String(text.length)} characters; at most ${String(MAX_CHARACTERS)} are possible. Split it.`;
  return refuse('string_too_long', path, message);
}

function checkTokens(tokens: JsonValue[], path: string): number[] {
  if (tokens.length === 0) return refuse('invalid_value', path, `\`${path}\` must hold at least one token.`);
  readArray(tokens, path, MAX_TOKENS);
  const wrong = tokens.findIndex((token) => !isToken(token));
  if (wrong < 0) return tokens as number[];
  const here = `${path}[${String(wrong)}]`;
  const token = tokens[wrong];
  if (typeof token !== 'number') return refuseType(here, 'a token number like the first element', token);
  return refuse('invalid_value', here, `\`${here}\` must be a token number between 0 and ${String(MAX_TOKEN)}.`);
}

function isToken(value: JsonValue): boolean {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) <= MAX_TOKEN;
}
