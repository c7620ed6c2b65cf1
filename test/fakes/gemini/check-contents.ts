import { isJsonObject, type JsonObject, type JsonValue } from '../../../src/core/json.js';

const NO_PREFILL = /gemini-(?:3\.5-flash-lite|3\.[6-9]|[a-z-]*latest)/;

/** What Gemini would say against a conversation; null when it is well formed. */
export function checkContents(model: string, contents: JsonValue | undefined): string | null {
  if (!Array.isArray(contents) || contents.length === 0) return 'contents is not specified.';
  const turns = contents.filter(isJsonObject);
  if (turns[0]?.role !== 'user') return 'Please ensure that the conversation begins with a user turn.';
  if (turns.at(-1)?.role === 'model' && NO_PREFILL.test(model)) {
    return 'Requests ending with a model turn are not supported.';
  }
  for (const [index, turn] of turns.entries()) {
    const complaint = checkTurn(model, turn, turns[index - 1] ?? {});
    if (complaint !== null) return complaint;
  }
  return null;
}

function checkTurn(model: string, turn: JsonObject, before: JsonObject): string | null {
  const parts = partsOf(turn);
  if (parts.length === 0) return 'The parts of a turn must not be empty.';
  if (parts.some((part) => Object.keys(part).length === 0)) return 'A part must have one initialized field.';
  if (countOf(parts, 'functionResponse') !== countOf(partsOf(before), 'functionCall')) {
    return 'The number of function response parts must equal the number of function call parts of the turn before.';
  }
  const call = parts.find((part) => part.functionCall !== undefined);
  const isUnsigned = call !== undefined && call.thoughtSignature === undefined;
  if (isUnsigned && model.startsWith('gemini-3')) return 'Function call is missing a thought_signature.';
  return null;
}

function countOf(parts: readonly JsonObject[], field: string): number {
  return parts.filter((part) => part[field] !== undefined).length;
}

/** The parts of a turn that are objects. */
export function partsOf({ parts }: JsonObject): JsonObject[] {
  return Array.isArray(parts) ? parts.filter(isJsonObject) : [];
}
