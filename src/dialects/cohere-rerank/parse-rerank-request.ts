import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json.js';
import type { RerankRequest } from '../../core/rerank/rerank-request.js';
import {
  readArray,
  readBoolean,
  readInteger,
  readString,
  refuse,
  refuseMissing,
  refuseType,
  requireString,
} from '../read-parameters.js';

/** A request of `POST /v1/rerank`, with what concerns the answer alone. */
export interface ParsedRerank {
  /** The model is empty where the client named none. */
  readonly request: RerankRequest;
  /** The best so many. */
  readonly topN: number;
  readonly returnsDocuments: boolean;
}

const MAX_DOCUMENTS = 1_000;
const MAX_CHARACTERS = 262_144;
const MAX_TOKENS = 1_000_000;

/** Reads a body in the shape of Cohere's v2. Throws InvalidRequestError with the path of the first wrong parameter. */
export function parseRerankRequest(body: JsonObject): ParsedRerank {
  const query = checkText(requireString(body.query, 'query'), 'query');
  if (query === '') refuse('invalid_value', 'query', '`query` must not be empty.');
  const list = readArray(body.documents, 'documents', MAX_DOCUMENTS) ?? refuseMissing('documents');
  if (list.length === 0) refuse('invalid_value', 'documents', '`documents` must hold at least one text.');
  const documents = list.map((item, index) => readDocument(item, `documents[${String(index)}]`));
  const most = readInteger(body.max_tokens_per_doc, 'max_tokens_per_doc', { min: 1, max: MAX_TOKENS });
  return {
    request: {
      model: readString(body.model, 'model') ?? '',
      query,
      documents,
      ...(most !== undefined && { maxTokensPerDocument: most }),
    },
    topN: readInteger(body.top_n, 'top_n', { min: 1, max: Number.MAX_SAFE_INTEGER }) ?? documents.length,
    returnsDocuments: readBoolean(body.return_documents, 'return_documents') ?? false,
  };
}

// Older clients send objects.
function readDocument(item: JsonValue, path: string): string {
  if (typeof item === 'string') return checkText(item, path);
  if (isJsonObject(item)) return checkText(requireString(item.text, `${path}.text`), `${path}.text`);
  return refuseType(path, 'a string', item);
}

function checkText(text: string, path: string): string {
  if (text.length <= MAX_CHARACTERS) return text;
  const message = `\`${path}\` has ${String(text.length)} characters; at most ${String(MAX_CHARACTERS)} are possible.`;
  return refuse('string_too_long', path, message);
}
