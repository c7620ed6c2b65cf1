import type { TokenUsage } from '../core/chat/token-usage.js';
import type { DialectName } from '../core/chat/wire-object.js';
import type { EmbeddingResult } from '../core/embedding/embedding-request.js';

/** Vectors with what is needed to give them again. */
export interface StoredEmbeddings {
  readonly result: EmbeddingResult;
  readonly answeredBy: { readonly provider: string; readonly model: string };
  /** USD as a decimal string; null when that is not known. */
  readonly costUsd: string | null;
  /** Wall-clock milliseconds. */
  readonly storedAt: number;
}

interface StoredForm extends Omit<StoredEmbeddings, 'result'> {
  readonly version: number;
  readonly model: string;
  readonly usage: TokenUsage;
  readonly warnings: readonly string[];
  readonly vectors: readonly string[];
  readonly wire?: { readonly dialect: DialectName; readonly value: unknown };
}

const VERSION = 1;
const FLOAT_BYTES = 4;

/** The vectors as bytes; neither compressed nor encrypted. */
export function serialiseEmbeddings({ result, ...rest }: StoredEmbeddings): Buffer {
  const { model, usage, warnings, vectors, wire } = result;
  const form: StoredForm = {
    ...rest,
    version: VERSION,
    model,
    usage,
    warnings,
    vectors: vectors.map(({ buffer, byteOffset, byteLength }) =>
      Buffer.from(buffer, byteOffset, byteLength).toString('base64'),
    ),
    ...(wire && { wire: { dialect: wire.dialect, value: wire.value } }),
  };
  return Buffer.from(JSON.stringify(form));
}

/** The vectors again; null when the bytes are none, or of another version. */
export function parseEmbeddings(bytes: Buffer): StoredEmbeddings | null {
  const form = parseForm(bytes);
  if (form?.version !== VERSION) return null;
  const { model, usage, warnings, vectors, wire, answeredBy, costUsd, storedAt } = form;
  const result = { model, usage, warnings: [...warnings], vectors: vectors.map(toVector), wire };
  return { result, answeredBy, costUsd, storedAt };
}

function toVector(text: string): Float32Array {
  const bytes = Uint8Array.from(Buffer.from(text, 'base64'));
  return new Float32Array(bytes.buffer, 0, bytes.length / FLOAT_BYTES);
}

function parseForm(bytes: Buffer): StoredForm | null {
  try {
    return JSON.parse(bytes.toString('utf8')) as StoredForm | null;
  } catch {
    return null;
  }
}
