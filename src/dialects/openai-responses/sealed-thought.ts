import type { ReasoningPart, SignatureVendor } from '../../core/chat/chat-request.js';
import { isJsonObject } from '../../core/json.js';

const PREFIX = 'trunkline:';
const VENDORS: readonly SignatureVendor[] = ['anthropic', 'gemini', 'openai'];

/** What a vendor wants back with an answer: the signature of a thought or of a tool call, or a thought that nobody may read. */
export type SealedThought = Pick<ReasoningPart, 'signature' | 'redacted' | 'signedBy' | 'model'> & {
  /** Of the tool call that follows. */
  isOfCall?: boolean;
};

/** The text for `encrypted_content`; OpenAI's own is as it is. Null when there is nothing to be kept. */
export function sealThought(thought: SealedThought): string | null {
  const { signature, redacted, signedBy, model, isOfCall } = thought;
  if (signedBy === undefined || (signature === undefined && redacted === undefined)) return null;
  if (signedBy === 'openai' && isOfCall !== true) return signature ?? redacted ?? null;
  const json = JSON.stringify({ by: signedBy, model, signature, redacted, call: isOfCall });
  return PREFIX + Buffer.from(json, 'utf8').toString('base64url');
}

/** Whether an `encrypted_content` was made here, and would mean nothing to OpenAI. */
export function isSealedHere(text: string): boolean {
  return text.startsWith(PREFIX);
}

/** What an `encrypted_content` stands for; null when it was made here and is broken. */
export function unsealThought(text: string): SealedThought | null {
  if (!isSealedHere(text)) return { signature: text, signedBy: 'openai' };
  const sealed = parseSealed(text.slice(PREFIX.length));
  const signedBy = VENDORS.find((vendor) => vendor === sealed?.by);
  if (!isJsonObject(sealed) || signedBy === undefined) return null;
  const { model, signature, redacted, call } = sealed;
  return {
    signedBy,
    ...(typeof model === 'string' && { model }),
    ...(typeof signature === 'string' && { signature }),
    ...(typeof redacted === 'string' && { redacted }),
    ...(call === true && { isOfCall: true }),
  };
}

function parseSealed(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    return isJsonObject(value) ? value : null;
  } catch {
    return null;
  }
}
