import { ExactNumber } from './exact-number.js';

/** Any value that JSON can carry. */
export type JsonValue = string | number | boolean | null | ExactNumber | JsonValue[] | JsonObject;

/** A JSON object whose members are not known in advance. */
export interface JsonObject {
  [key: string]: JsonValue | undefined;
}

/** Tells whether a value is a plain JSON object (not null, not an array, not a number that keeps its text). */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof ExactNumber);
}
