import { createHash } from 'node:crypto';
import type { JsonObject } from '../../../src/core/json.js';

const REDACTED = 'ZmFrZS1yZWRhY3RlZC';

/** A thinking block as the fake signs it: with a signature that fits no other text. */
export function fakeThinking(thinking: string): { type: 'thinking'; thinking: string; signature: string } {
  return { type: 'thinking', thinking, signature: signatureOf(thinking) };
}

/** Thinking that the fake shows nobody. */
export function fakeRedactedThinking(text: string): { type: 'redacted_thinking'; data: string } {
  return { type: 'redacted_thinking', data: REDACTED + Buffer.from(text).toString('base64') };
}

/** Tells whether the fake made a block, and nobody changed it since. */
export function isFakeThinking({ type, thinking, signature, data }: JsonObject): boolean {
  if (type === 'redacted_thinking') return typeof data === 'string' && data.startsWith(REDACTED);
  return typeof thinking === 'string' && signature === signatureOf(thinking);
}

function signatureOf(thinking: string): string {
  return `ZmFrZS1zaWduYXR1cmU${createHash('sha256').update(thinking).digest('base64')}`;
}
