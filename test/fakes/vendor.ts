import type { JsonObject } from '../../src/core/json.js';
import type { Frame } from './frame.js';
import type { ScriptedReply } from './scripted-reply.js';
import type { ServedRequest } from './served-request.js';

/** An answer before it is put on the wire. */
export type VendorAnswer = { status: number; body: JsonObject } | { frames: Frame[] };

/** Failures that vendors word each in their own way. */
export type VendorFailure = 'quota-exhausted' | 'context-length' | 'content-filter' | 'model-not-found' | 'overloaded';

/** How one vendor answers: everything about a fake that is not plain HTTP. */
export interface Vendor {
  /** What the vendor's SDK wants behind the origin. */
  readonly basePath: string;
  readonly idHeader: string;
  answer(request: ServedRequest, reply: ScriptedReply): VendorAnswer;
  /** The vendor's error body for a status. */
  errorBody(status: number, request: ServedRequest): JsonObject;
  failure(kind: VendorFailure): { status: number; body: JsonObject };
  /** The event with which the vendor ends a stream that failed. */
  errorFrame(request: ServedRequest): Frame;
  /** Spoils every number in a usage object. */
  usageOf(value: Record<string, unknown>): Record<string, unknown> | null;
}
