import type { ServerResponse } from 'node:http';
import { type Clock, SystemClock } from '../core/clock.js';
import type { AppError } from '../core/errors/app-error.js';

/** What a reply needs to know beyond its content; all times in milliseconds. */
export interface ReplySettings {
  clock: Clock;
  /** How long a stream's head is held back for its first frame. */
  commitMs: number;
  /** Silence in a stream after which a comment is sent. */
  keepAliveMs: number;
  /** How long a client may leave what we wrote unread. */
  writeMs: number;
  /** Told about the error that ended the reply, whether it became a status or an error frame. */
  reportFailure: (error: AppError) => void;
  /** Told that the reply is a stream. */
  streamOpened: () => void;
}

const SETTINGS = Symbol('reply settings');

interface CarriesSettings {
  [SETTINGS]?: ReplySettings;
}

const DEFAULTS: ReplySettings = {
  clock: new SystemClock(),
  commitMs: 10_000,
  keepAliveMs: 5_000,
  writeMs: 30_000,
  reportFailure: () => undefined,
  streamOpened: () => undefined,
};

/** Ties settings to a response, so that a reply needs no injected services; what is not given takes its default. */
export function attachReplySettings(response: ServerResponse, settings: Partial<ReplySettings>): void {
  (response as CarriesSettings)[SETTINGS] = { ...DEFAULTS, ...settings };
}

/** The settings of a response; the defaults when nothing attached any. */
export function replySettingsOf(response: ServerResponse): ReplySettings {
  return (response as CarriesSettings)[SETTINGS] ?? DEFAULTS;
}
