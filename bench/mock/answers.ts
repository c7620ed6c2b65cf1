import type { Shape } from '../shapes.js';

const ID = 'chatcmpl-BenchBenchBenchBenchBench';
const CREATED = 1_780_000_000;
const MODEL = 'gpt-4o-mini-2024-07-18';
const USAGE = {
  prompt_tokens: 34,
  completion_tokens: 31,
  total_tokens: 65,
  prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
};
const SYLLABLES = 'lorem ipsum dolor sit amet consectetur ';

/** One answer of a shape as bytes on the wire: what is written at once, with the gap before each next part. */
export interface WireAnswer {
  readonly parts: readonly Buffer[];
  readonly gapMs: number;
}

/** The answer of a shape; made once, because the mock must not cost time. */
export function wireAnswer(shape: Shape): WireAnswer {
  return shape.isStream ? streamOf(shape) : { parts: [wholeAnswer(shape)], gapMs: 0 };
}

function wholeAnswer({ textLength }: Shape): Buffer {
  const message = { role: 'assistant', content: textOf(textLength), refusal: null };
  const body = JSON.stringify({
    id: ID,
    object: 'chat.completion',
    created: CREATED,
    model: MODEL,
    choices: [{ index: 0, message, logprobs: null, finish_reason: 'stop' }],
    usage: USAGE,
    system_fingerprint: 'fp_bench',
  });
  const head = [
    'HTTP/1.1 200 OK',
    'content-type: application/json',
    `content-length: ${String(Buffer.byteLength(body))}`,
  ];
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`);
}

function streamOf({ deltas, textLength, gapMs }: Shape): WireAnswer {
  const texts = Array.from({ length: deltas }, () => textOf(textLength));
  const chunks = [
    chunkOf({ role: 'assistant', content: '', refusal: null }),
    ...texts.map((content) => chunkOf({ content })),
    chunkOf({}, 'stop'),
    JSON.stringify({ ...headOf(), choices: [], usage: USAGE }),
  ];
  const frames = chunks.map((chunk) => framed(`data: ${chunk}\n\n`));
  const [first = '', ...rest] = frames;
  const head = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n';
  const end = `${framed('data: [DONE]\n\n')}0\r\n\r\n`;
  // The last three belong to one moment: the finish, the usage and the goodbye.
  const last = rest.splice(-2).join('') + end;
  const parts = gapMs === 0 ? [head + first, ...rest, last] : [head + first + (rest.shift() ?? ''), ...rest, last];
  return { parts: parts.map((part) => Buffer.from(part)), gapMs };
}

function chunkOf(delta: object, finishReason: string | null = null): string {
  const choice = { index: 0, delta, logprobs: null, finish_reason: finishReason };
  return JSON.stringify({ ...headOf(), choices: [choice], usage: null });
}

function headOf(): object {
  return {
    id: ID,
    object: 'chat.completion.chunk',
    created: CREATED,
    model: MODEL,
    service_tier: 'default',
    system_fingerprint: 'fp_bench',
  };
}

function framed(text: string): string {
  return `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
}

function textOf(length: number): string {
  return SYLLABLES.repeat(Math.ceil(length / SYLLABLES.length)).slice(0, length);
}
