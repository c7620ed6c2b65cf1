import { ChatCollector } from '../../../../src/core/chat/collect-chat.js';
import type { ChatEvent } from '../../../../src/core/chat/chat-event.js';
import type { JsonObject, JsonValue } from '../../../../src/core/json.js';

/** What an answer says, in no dialect's words: what must be the same however it is told. */
export interface Said {
  text: string;
  thoughts: string;
  calls: { name: string; arguments: string }[];
  /** Tokens in and out, each in all; null where nobody counted. */
  tokens: [input: number, output: number] | null;
}

export function nothingSaid(): Said {
  return { text: '', thoughts: '', calls: [], tokens: null };
}

/** What the events say, of the first choice. */
export function saidByEvents(events: readonly ChatEvent[]): Said {
  const collector = new ChatCollector();
  for (const event of events) collector.add(event);
  const { choices, usage } = collector.result();
  const [choice] = choices;
  return {
    text: (choice?.text ?? '') + (choice?.refusal ?? ''),
    thoughts: (choice?.reasoning ?? []).map(({ text }) => text).join(''),
    calls: (choice?.toolCalls ?? []).map((call) => ({ name: call.name, arguments: call.arguments })),
    tokens: usage && [sum(usage, INPUT), sum(usage, OUTPUT)],
  };
}

/** The same with arguments as JSON values, because dialects space them differently; what is none stays text. */
export function comparableSaid({ calls, ...said }: Said): unknown {
  return { ...said, calls: calls.map(({ name, arguments: text }) => ({ name, arguments: readArguments(text) })) };
}

/** Members of an object one after another, as far as they are there. */
export function at(value: JsonValue | undefined, ...path: (string | number)[]): JsonValue | undefined {
  let found: JsonValue | undefined = value;
  for (const step of path) {
    if (typeof found !== 'object' || found === null) return undefined;
    found = (found as unknown as Record<string | number, JsonValue | undefined>)[step];
  }
  return found;
}

/** The elements of a list; none of anything else. */
export function listAt(value: JsonValue | undefined, ...path: (string | number)[]): JsonObject[] {
  const found = at(value, ...path);
  return Array.isArray(found) ? (found as JsonObject[]) : [];
}

/** A text; an empty one for anything else. */
export function textAt(value: JsonValue | undefined, ...path: (string | number)[]): string {
  const found = at(value, ...path);
  return typeof found === 'string' ? found : '';
}

const INPUT = ['input', 'cachedInput', 'cacheWrite5m', 'cacheWrite1h', 'imageInput', 'audioInput'];
const OUTPUT = ['output', 'reasoning', 'audioOutput', 'imageOutput'];

function sum(usage: object, classes: readonly string[]): number {
  return classes.reduce((total, name) => total + Number((usage as Record<string, unknown>)[name] ?? 0), 0);
}

function readArguments(text: string): unknown {
  if (text.trim() === '') return {};
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : { arguments: text };
  } catch {
    return { arguments: text };
  }
}
