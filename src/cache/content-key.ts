import { createHash } from 'node:crypto';

/** What something is kept under, and the secret that it is encrypted with; only what it was made for gives either. */
export interface ContentKey {
  readonly name: string;
  /** 32 bytes. */
  readonly secret: Buffer;
}

const NAME_BYTES = 32;

/** The key of whatever the JSON describes. Half of a digest of 64 bytes tells nothing about the other half. */
export function contentKeyOf(identity: unknown): ContentKey {
  const digest = createHash('sha512').update(JSON.stringify(identity)).digest();
  return { name: digest.subarray(0, NAME_BYTES).toString('base64url'), secret: digest.subarray(NAME_BYTES) };
}
