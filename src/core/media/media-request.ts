import type { Readable } from 'node:stream';
import type { SseFrame } from '../sse-frame.js';
import type { JsonObject } from '../json.js';

/** Images to be made of a text. */
export interface ImageRequest {
  /** As the client wrote it: an alias, `provider/model` or a bare name. */
  readonly model: string;
  readonly prompt: string;
  /** How many; at least one. */
  readonly count: number;
  /** As `WIDTHxHEIGHT`, or another word of the vendor's; null where the vendor chooses. */
  readonly size: string | null;
  readonly quality: string | null;
  /** Drafts that are wanted of each image in a stream. */
  readonly partialImages: number;
  readonly isStream: boolean;
  /** As it came. */
  readonly body: JsonObject;
}

/** A text to be read aloud. */
export interface SpeechRequest {
  readonly model: string;
  readonly input: string;
  readonly instructions: string;
  /** 1 is the usual one. */
  readonly speed: number;
  /** True for events with sound in them, false for the sound itself. */
  readonly isStream: boolean;
  readonly body: JsonObject;
}

/** Sound that a client sent, to be read as often as needed while its call lasts. */
export interface AudioFile {
  readonly name: string;
  /** As the client calls it. */
  readonly mediaType: string;
  readonly sizeBytes: number;
  /** Its length; null when nobody could tell. */
  readonly seconds: number | null;
  /** The bytes from the first on. */
  readonly open: () => Readable;
}

/** How a transcript is wanted. */
export const TRANSCRIPT_FORMATS = ['json', 'text', 'srt', 'verbose_json', 'vtt', 'diarized_json'] as const;
export type TranscriptFormat = (typeof TRANSCRIPT_FORMATS)[number];

/** Sound to be written down. */
export interface TranscriptionRequest {
  readonly model: string;
  readonly prompt: string;
  readonly format: TranscriptFormat;
  readonly isStream: boolean;
  /** Every field of the form besides the file, in the order they came. */
  readonly fields: readonly (readonly [name: string, value: string])[];
  readonly file: AudioFile;
}

/** Texts and images to be judged by how harmful they are. */
export interface ModerationRequest {
  readonly model: string;
  readonly texts: readonly string[];
  /** Images beside the texts. */
  readonly imageCount: number;
  /** Those of them that a provider is to fetch, each with the parameter that it came in. */
  readonly imageUrls?: readonly { url: string; param: string }[];
  readonly body: JsonObject;
}

/** An answer of a provider: whole, as bytes on their way, or as the events of a stream. */
export type MediaAnswer =
  | { readonly type: 'whole'; readonly contentType: string; readonly text: string }
  | {
      readonly type: 'bytes';
      readonly contentType: string;
      readonly pieces: AsyncIterableIterator<Uint8Array, undefined>;
    }
  | { readonly type: 'events'; readonly frames: AsyncIterableIterator<SseFrame, undefined> };
