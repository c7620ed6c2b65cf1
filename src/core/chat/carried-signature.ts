import type { SignatureVendor } from './chat-request.js';

const MARK = /^trunkline\.(gemini|openai)\.([^]+)$/;

/** A signature as a dialect carries it that has a place for only one vendor's: another vendor's bears its name. */
export function carrySignature(signature: string, signedBy: SignatureVendor | undefined): string {
  return signedBy === undefined || signedBy === 'anthropic' ? signature : `trunkline.${signedBy}.${signature}`;
}

/** What a carried signature was made of. */
export function readCarriedSignature(carried: string): { signature: string; signedBy: SignatureVendor } {
  const [, vendor, signature] = MARK.exec(carried) ?? [];
  if (signature === undefined) return { signature: carried, signedBy: 'anthropic' };
  return { signature, signedBy: vendor === 'openai' ? 'openai' : 'gemini' };
}
