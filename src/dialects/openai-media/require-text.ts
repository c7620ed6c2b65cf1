import type { JsonValue } from '../../core/json.js';
import { refuse, refuseMissing, requireString } from '../read-parameters.js';

/** The model's name. Throws `missing_required_parameter` for an empty one, too. */
export function requireModel(value: JsonValue | undefined): string {
  const model = requireString(value, 'model');
  return model === '' ? refuseMissing('model') : model;
}

/** A text that must not be empty, nor longer than `most` UTF-16 units. */
export function requireText(value: JsonValue | undefined, path: string, most: number): string {
  const text = requireString(value, path);
  if (text === '') return refuse('invalid_value', path, `\`${path}\` must not be empty.`);
  if (text.length <= most) return text;
  const message = `\`${path}\` has ${String(text.length)} characters; at most ${String(most)} are possible. Shorten it.`;
  return refuse('string_too_long', path, message);
}
