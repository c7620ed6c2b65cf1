import type { ServerResponse } from 'node:http';
import type { Frame } from './frame.js';
import type { ScriptedReply } from './scripted-reply.js';
import type { ServedRequest } from './served-request.js';
import type { Vendor } from './vendor.js';

export type ReplySource = ScriptedReply | ((request: ServedRequest) => ScriptedReply);

/** How a stream ends before its end. `after` counts content events; 0 is before the first one, with the opening sent. */
export interface Interruption {
  after: number;
  how: 'reset' | 'cut' | 'stall' | 'error-frame' | 'flood' | 'garbage';
  flood?: { chunk: string; bytes: number };
  /** Resolves when a stalled answer may go on. */
  released?: Promise<void>;
}

/** From the content event with the number `after` on (0 is the first), bytes go out one by one. */
export interface Drip {
  after: number;
  byteDelayMs: number;
}

/** Oddities of the wire that mean nothing. */
export interface WireNoise {
  lineEnd?: '\n' | '\r\n' | '\r';
  byteOrderMark?: boolean;
  /** Comments, unknown fields and unknown events between the real ones. */
  chatter?: boolean;
  /** Writes of this many bytes each, across characters and events. */
  chunkBytes?: number;
  /** Spreads the JSON of every event over several data lines. */
  multiLineData?: boolean;
}

export interface Exchange {
  request: ServedRequest;
  response: ServerResponse;
  vendor: Vendor;
}

/** What a fake does with one request. */
export interface Behaviour {
  /** Chooses the behaviour when the request comes; nothing else of this one counts then. */
  choose?: () => Behaviour;
  reply?: ReplySource;
  /** Answers in place of the vendor. */
  instead?: (exchange: Exchange) => Promise<void> | void;
  editFrames?: (frames: Frame[]) => Frame[];
  /** Applied to the body of an unstreamed answer; what it returns is sent in its place. */
  editJson?: (body: Record<string, unknown>) => unknown;
  interruption?: Interruption;
  drip?: Drip;
  /** Sends only the first half of an unstreamed answer, as if it were whole. */
  truncatesJson?: boolean;
  gzip?: boolean;
  noise?: WireNoise;
}
