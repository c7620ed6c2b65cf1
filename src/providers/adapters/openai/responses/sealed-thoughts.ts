import type { ChatRequest } from '../../../../core/chat/chat-request.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../../core/json.js';

/** What a server refused: to read thoughts that were sealed elsewhere, or to seal any. */
export type SealRefusal = 'unreadable' | 'unsupported';

const ENCRYPTED = 'reasoning.encrypted_content';
const UNREADABLE = /invalid_encrypted_content|encrypted content\b.{0,200}\bcould not be/is;
const UNSUPPORTED = /encrypted content is not supported/i;

/** The refusal that the body of a failure is; null when it is another one. */
export function readSealRefusal(status: number, failure: string): SealRefusal | null {
  if (status !== 400) return null;
  if (UNREADABLE.test(failure)) return 'unreadable';
  return UNSUPPORTED.test(failure) ? 'unsupported' : null;
}

/**
 * Leaves out of a request what its server has refused of sealed thoughts: they can be read by the organisation alone that
 * they were sealed for, and only models that think can seal any, while a conversation may have gone through several.
 */
export class SealedThoughts {
  readonly #refused: Readonly<Record<SealRefusal, WeakSet<ChatRequest>>> = {
    unreadable: new WeakSet(),
    unsupported: new WeakSet(),
  };

  /** The body for the request, without what was refused before. */
  fit(body: JsonObject, request: ChatRequest, warn: (message: string) => void): JsonObject {
    let fit = body;
    if (this.#refused.unsupported.has(request)) fit = { ...fit, include: unsealed(fit.include) };
    if (!this.#refused.unreadable.has(request)) return fit;
    warn('Earlier thinking was left out: the provider cannot read what was encrypted for another account.');
    return { ...fit, input: withoutThoughts(fit.input) };
  }

  /** The request was refused with this body. False where nothing can be left out of it. */
  refused(request: ChatRequest, { input, include }: JsonObject, refusal: SealRefusal): boolean {
    const isSealed = listOf(input).some(isSealedThought);
    const isAsked = listOf(include).includes(ENCRYPTED);
    if (refusal === 'unreadable' ? !isSealed : !isAsked) return false;
    this.#refused[refusal].add(request);
    return true;
  }
}

function unsealed(include: JsonValue | undefined): JsonValue {
  return listOf(include).filter((each) => each !== ENCRYPTED);
}

// By its id an item would ask for the thought that was before it.
function withoutThoughts(input: JsonValue | undefined): JsonValue[] {
  return listOf(input)
    .filter((item) => !isSealedThought(item))
    .map((item) => (isJsonObject(item) ? withoutId(item) : item));
}

function withoutId({ id, ...rest }: JsonObject): JsonObject {
  const isSaid = rest.type === 'function_call' || rest.type === 'custom_tool_call' || rest.role === 'assistant';
  return isSaid || id === undefined ? rest : { id, ...rest };
}

function isSealedThought(item: JsonValue): boolean {
  return isJsonObject(item) && item.type === 'reasoning' && typeof item.encrypted_content === 'string';
}

function listOf(value: JsonValue | undefined): readonly JsonValue[] {
  return Array.isArray(value) ? value : [];
}
