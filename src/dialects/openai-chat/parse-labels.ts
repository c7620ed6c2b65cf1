import type { JsonObject, JsonValue } from '../../core/json.js';
import { readObject, readString, refuse } from '../read-parameters.js';

const MAX_KEYS = 16;
const MAX_KEY_CHARACTERS = 64;
const MAX_VALUE_CHARACTERS = 512;

/** Checks `metadata` as OpenAI documents it (16 pairs of short texts) and reads `user`. Throws `invalid_metadata`. */
export function parseLabels(body: JsonObject): { user?: string } {
  for (const [key, value] of Object.entries(readObject(body.metadata, 'metadata') ?? {})) checkPair(key, value);
  if (Object.keys(body.metadata ?? {}).length > MAX_KEYS) {
    refuse('invalid_metadata', 'metadata', `\`metadata\` must have at most ${String(MAX_KEYS)} keys.`);
  }
  const user = readString(body.user, 'user');
  if (user !== undefined && user.length > MAX_VALUE_CHARACTERS) {
    refuse('invalid_metadata', 'user', `\`user\` must have at most ${String(MAX_VALUE_CHARACTERS)} characters.`);
  }
  return { user };
}

function checkPair(key: string, value: JsonValue | undefined): void {
  if (key.length > MAX_KEY_CHARACTERS) {
    refuse(
      'invalid_metadata',
      'metadata',
      `Keys of \`metadata\` must have at most ${String(MAX_KEY_CHARACTERS)} characters.`,
    );
  }
  if (typeof value !== 'string' || value.length > MAX_VALUE_CHARACTERS) {
    const message = `\`metadata.${key}\` must be a string of at most ${String(MAX_VALUE_CHARACTERS)} characters.`;
    refuse('invalid_metadata', `metadata.${key}`, message);
  }
}
