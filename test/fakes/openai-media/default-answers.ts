import type { MediaRequestSeen } from './media-request-seen.js';

/** An answer before it is put on the wire. */
export interface MediaReplyMade {
  readonly contentType: string;
  /** Written one after the other. */
  readonly pieces: readonly (string | Uint8Array)[];
}

interface FakeEvent {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** What the fake says of sound. */
export const TRANSCRIPT = 'The godwit flies without a stop.';

const CATEGORIES = [
  ...['harassment', 'harassment/threatening', 'hate', 'hate/threatening', 'illicit', 'illicit/violent', 'self-harm'],
  ...['self-harm/instructions', 'self-harm/intent', 'sexual', 'sexual/minors', 'violence', 'violence/graphic'],
];

/** What OpenAI would answer, by path; null where there is nothing. */
export function defaultAnswer(request: MediaRequestSeen): MediaReplyMade | null {
  switch (request.path.replace(/\?.*$/, '').replace(/^.*?\/(?=images|audio|moderations)/, '')) {
    case 'images/generations':
      return images(request.json);
    case 'audio/speech':
      return speech(request.json);
    case 'audio/transcriptions':
      return transcript(request.fields);
    case 'moderations':
      return json(moderation(request.json));
    default:
      return null;
  }
}

/** An answer in JSON. */
export function json(body: object): MediaReplyMade {
  return { contentType: 'application/json', pieces: [JSON.stringify(body)] };
}

/** An answer of events, each a piece of its own. */
export function events(...list: readonly FakeEvent[]): MediaReplyMade {
  const pieces = list.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
  return { contentType: 'text/event-stream', pieces };
}

const IMAGE_USAGE = {
  ...{ input_tokens: 60, output_tokens: 1_000, total_tokens: 1_060 },
  input_tokens_details: { text_tokens: 50, image_tokens: 10 },
};

function images({ n, stream, model }: Record<string, unknown>): MediaReplyMade {
  const isByPiece = String(model).startsWith('dall-e');
  const look = { background: 'opaque', output_format: 'png', quality: 'high', size: '1024x1024' };
  if (stream === true) {
    const draft = { ...look, type: 'image_generation.partial_image', b64_json: 'ZHJhZnQ=', created_at: 1 };
    return events(
      { ...draft, partial_image_index: 0 },
      { ...draft, partial_image_index: 1 },
      { ...look, type: 'image_generation.completed', b64_json: 'aW1hZ2U=', created_at: 1, usage: IMAGE_USAGE },
    );
  }
  const data = Array.from({ length: Number(n ?? 1) }, () => ({ b64_json: 'aW1hZ2U=' }));
  return json(isByPiece ? { created: 1, data } : { created: 1, ...look, data, usage: IMAGE_USAGE });
}

function speech({ stream_format, input }: Record<string, unknown>): MediaReplyMade {
  if (stream_format === 'sse') {
    return events(
      { type: 'speech.audio.delta', audio: 'QUFB' },
      { type: 'speech.audio.delta', audio: 'QkJC' },
      { type: 'speech.audio.done', usage: { input_tokens: 8, output_tokens: 100, total_tokens: 108 } },
    );
  }
  // Bytes that are no text in any encoding.
  const sound = Uint8Array.from({ length: 4_000 }, (_, index) => (index * 7 + String(input).length) % 256);
  return { contentType: 'audio/mpeg', pieces: [sound.subarray(0, 1_000), sound.subarray(1_000)] };
}

function transcript(fields: readonly (readonly [string, string])[]): MediaReplyMade {
  const { model, response_format: format = 'json', stream } = Object.fromEntries(fields) as Record<string, string>;
  const tokens = { type: 'tokens', input_tokens: 24, output_tokens: 9, total_tokens: 33 };
  const usage =
    model === 'whisper-1'
      ? { type: 'duration', seconds: 3 }
      : { ...tokens, input_token_details: { text_tokens: 4, audio_tokens: 20 } };
  if (stream === 'true') {
    const [first = '', ...rest] = TRANSCRIPT.split(/(?= )/);
    return events(
      { type: 'transcript.text.delta', delta: first },
      { type: 'transcript.text.delta', delta: rest.join('') },
      { type: 'transcript.text.done', text: TRANSCRIPT, usage },
    );
  }
  if (format === 'srt') return text(`1\n00:00:00,000 --> 00:00:02,500\n${TRANSCRIPT}\n`);
  if (format === 'vtt') return text(`WEBVTT\n\n00:00.000 --> 00:02.500\n${TRANSCRIPT}\n`);
  if (format === 'text') return text(`${TRANSCRIPT}\n`);
  if (format !== 'verbose_json') return json({ text: TRANSCRIPT, usage });
  return json({ task: 'transcribe', language: 'english', duration: 2.5, text: TRANSCRIPT, segments: [], usage });
}

function text(body: string): MediaReplyMade {
  return { contentType: 'text/plain; charset=utf-8', pieces: [body] };
}

function moderation({ input, model }: Record<string, unknown>): object {
  const inputs = Array.isArray(input) && typeof input[0] === 'string' ? input : [input];
  const all = <T>(value: T): Record<string, T> => Object.fromEntries(CATEGORIES.map((name) => [name, value]));
  const results = inputs.map((each) => ({
    flagged: JSON.stringify(each).includes('harm'),
    categories: all(false),
    category_scores: all(0.01),
    category_applied_input_types: all(['text']),
  }));
  return { id: 'modr-fake', model, results };
}
