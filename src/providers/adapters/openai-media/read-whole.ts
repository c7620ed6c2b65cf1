import { tokenUsage, type TokenUsage } from '../../../core/chat/token-usage.js';
import { isJsonObject, type JsonObject } from '../../../core/json.js';
import type { TranscriptFormat } from '../../../core/media/media-request.js';
import { ProviderError } from '../../provider-error.js';
import { readImageUsage, readTranscriptUsage } from './read-usage.js';

/** What was read of a whole answer: `undefined` where it did not say what it used, null where that cannot be meant. */
export type Understood = TokenUsage | null | undefined;

/** Throws `malformed` unless there is at least one image, each of them there or at an address. */
export function readImages(body: JsonObject): Understood {
  const images = Array.isArray(body.data) ? body.data : [];
  const areImages = images.every((each) => isJsonObject(each) && (isText(each.b64_json) || isText(each.url)));
  if (images.length === 0 || !areImages) throw malformed('holds no images');
  const units = { image: images.length };
  const usage = readImageUsage(body.usage);
  if (usage === null) return null;
  return { ...(usage ?? tokenUsage()), units };
}

/** Throws `malformed` unless there are judgements. */
export function readModeration(body: JsonObject): Understood {
  const results = Array.isArray(body.results) ? body.results : [];
  const areResults = results.every((each) => isJsonObject(each) && typeof each.flagged === 'boolean');
  if (results.length === 0 || !areResults) throw malformed('holds no judgements');
  return undefined;
}

/** Throws `malformed` unless there is a text. */
export function readTranscript(body: JsonObject): Understood {
  if (typeof body.text !== 'string') throw malformed('holds no transcript');
  return readTranscriptUsage(body.usage, body.duration);
}

/** Whether a transcript in this format is JSON. */
export function isJsonFormat(format: TranscriptFormat): boolean {
  return format.endsWith('json');
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}

function malformed(what: string): ProviderError {
  return new ProviderError('malformed', `The provider's answer ${what}.`);
}
