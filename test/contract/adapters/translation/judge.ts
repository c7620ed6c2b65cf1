import { isDeepStrictEqual } from 'node:util';
import type { JsonObject } from '../../../../src/core/json.js';
import { READ_HERE } from './known-losses.js';
import { lostMarks } from './marks.js';
import type { Translation } from './translate.js';

/**
 * What became of one thing that a request asks for: it goes on as the client wrote it, or in other words, or partly, or not
 * at all, or nothing is asked of the provider because of it. `silent` is a loss that nobody is told of.
 */
export type Verdict = 'unchanged' | 'carried' | 'changed' | 'lost' | 'refused' | 'silent';

/** A request, and the one that it would be without the thing in question. */
export interface Asked {
  readonly feature: string;
  readonly asked: JsonObject;
  readonly sent: Translation;
  readonly sentWithout: Translation;
}

// Which model answers, and in which mode, is the gateway's to say in every dialect.
const OWNED: ReadonlySet<string> = new Set(['model', 'stream', 'stream_options']);

// Some things leave no mark: then the warning tells.
const DROPPED = /\b(?:dropped|ignored|left out)\b/;

/** Judges by what was sent, and not by what anybody says of it. */
export function judge({ feature, asked, sent, sentWithout }: Asked): Verdict {
  const { body, warnings, refusal } = sent;
  if (refusal !== null) return 'refused';
  const ownWarnings = warnings.filter((warning) => !sentWithout.warnings.includes(warning));
  const hasOwnWarnings = ownWarnings.length > 0;
  if (body !== null && !hasOwnWarnings && isSame(asked, body)) return 'unchanged';
  if (!body) return judgeHere(feature, warnings.length > 0);
  const isIgnored = isDeepStrictEqual(body, sentWithout.body);
  const isLost = isIgnored || lostMarks(asked, body).length > 0;
  if (isLost) return hasOwnWarnings ? 'lost' : 'silent';
  if (ownWarnings.some((warning) => DROPPED.test(warning))) return 'lost';
  return hasOwnWarnings ? 'changed' : 'carried';
}

function judgeHere(feature: string, hasWarnings: boolean): Verdict {
  if (hasWarnings) return 'lost';
  return READ_HERE.has(feature) ? 'carried' : 'silent';
}

// The gateway keeps responses itself, and asks for what it needs to go on with them.
function isSame(asked: JsonObject, sent: JsonObject): boolean {
  const { include: wanted = [], store: _store, ...before } = asked;
  const { include: given = [], store: _kept, ...after } = sent;
  const hasAll = Array.isArray(wanted) && Array.isArray(given) && wanted.every((name) => given.includes(name));
  return hasAll && isDeepStrictEqual(withoutOwned(before), withoutOwned(after));
}

function withoutOwned(body: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(body).filter(([key, value]) => !OWNED.has(key) && value !== undefined));
}
