import OpenAI from 'openai';
import type { TestApp } from '../../support/test-app.js';

export interface WireError {
  message: string;
  type: string;
  param: string | null;
  code: string;
}

/** One answer, as it stood on the wire and as a client read it. */
export interface Answer {
  status: number;
  headers: Headers;
  /** The body as it came, frames and all. */
  wire: string;
  /** The text that a client has at the end. */
  text: string;
  /** From the body of a refusal, or from the last frame of a stream. */
  error: WireError | null;
  /** Ended as an answer ends: for a stream that is `[DONE]`. */
  isWhole: boolean;
  /** What the official client threw; null on other surfaces. */
  thrown: unknown;
  finishReason: string | null;
  durationMs: number;
}

export interface Surface {
  name: string;
  isStream: boolean;
  isEmbedding: boolean;
  /** Sends one request; `options` are further fields of its body. */
  ask(client: Client, model: string, options?: object): Promise<Answer>;
}

interface Read {
  text: string;
  thrown: unknown;
  finishReason: string | null;
}

const MESSAGES = [{ role: 'user' as const, content: 'Hello there' }];
const UNREAD: Read = { text: '', thrown: null, finishReason: null };

/** Asks the application: by the official client where there is one, by plain HTTP elsewhere. */
export class Client {
  readonly app: TestApp;
  readonly openai: OpenAI;

  constructor(app: TestApp) {
    this.app = app;
    this.openai = new OpenAI({ baseURL: `${app.url}/v1`, apiKey: app.adminKey, maxRetries: 0 });
  }

  /** Runs one call of the official client, and gives what stood on the wire as well. */
  async official(read: (openai: OpenAI, result: Read) => Promise<void>): Promise<Answer> {
    const startedAt = performance.now();
    const result: Read = { ...UNREAD };
    const wires: Promise<WireAnswer>[] = [];
    const record = async (url: string | URL | Request, init?: RequestInit): Promise<Response> => {
      // The client aborts a stream at its error frame; what follows on the wire is of interest here.
      const response = await fetch(url, { ...init, signal: null });
      wires.push(note(response.clone()));
      return response;
    };
    try {
      await read(this.openai.withOptions({ fetch: record }), result);
    } catch (thrown) {
      result.thrown = thrown;
    }
    const wire = await wires[0];
    if (!wire) throw result.thrown;
    return { ...result, ...wire, durationMs: performance.now() - startedAt };
  }

  async plain(path: string, body: object, read: (wire: string) => Partial<Read>): Promise<Answer> {
    const startedAt = performance.now();
    const answer = await note(await this.app.post(path, body));
    const isReadable = answer.status === 200;
    return {
      ...UNREAD,
      ...(isReadable ? read(answer.wire) : {}),
      ...answer,
      durationMs: performance.now() - startedAt,
    };
  }
}

type WireAnswer = Omit<Answer, keyof Read | 'durationMs'>;

async function note(response: Response): Promise<WireAnswer> {
  const { status, headers } = response;
  const wire = await response.text();
  const isStream = headers.get('content-type')?.startsWith('text/event-stream') === true;
  const isWhole = status === 200 && (!isStream || wire.endsWith('data: [DONE]\n\n'));
  return { status, headers, wire, error: isWhole ? null : errorIn(isStream ? lastData(wire) : wire), isWhole };
}

async function readChunks(openai: OpenAI, model: string, options: object, result: Read): Promise<void> {
  const chunks = await openai.chat.completions.create({ model, messages: MESSAGES, stream: true, ...options });
  for await (const chunk of chunks) {
    result.text += chunk.choices[0]?.delta.content ?? '';
    result.finishReason = chunk.choices[0]?.finish_reason ?? result.finishReason;
  }
}

async function readCompletion(openai: OpenAI, model: string, options: object, result: Read): Promise<void> {
  const { choices } = await openai.chat.completions.create({ model, messages: MESSAGES, ...options });
  result.text = choices[0]?.message.content ?? '';
  result.finishReason = choices[0]?.finish_reason ?? null;
}

/** Every surface that chats, streamed and not. */
export const CHAT_SURFACES: readonly Surface[] = [
  {
    name: 'chat.completions',
    isStream: false,
    isEmbedding: false,
    ask: (client, model, options = {}) =>
      client.official((openai, result) => readCompletion(openai, model, options, result)),
  },
  {
    name: 'chat.completions streamed',
    isStream: true,
    isEmbedding: false,
    ask: (client, model, options = {}) =>
      client.official((openai, result) => readChunks(openai, model, options, result)),
  },
  {
    name: '/v1/chat',
    isStream: false,
    isEmbedding: false,
    ask: (client, model, options = {}) =>
      client.plain('/v1/chat', { model, messages: MESSAGES, ...options }, (wire) => {
        const reply = JSON.parse(wire) as { content: string; finish_reason: string };
        return { text: reply.content, finishReason: reply.finish_reason };
      }),
  },
  {
    name: '/v1/chat/stream',
    isStream: true,
    isEmbedding: false,
    ask: (client, model, options = {}) =>
      client.plain('/v1/chat/stream', { model, messages: MESSAGES, ...options }, readNativeFrames),
  },
];

export const STREAMS = CHAT_SURFACES.filter((surface) => surface.isStream);
export const WHOLE = CHAT_SURFACES.filter((surface) => !surface.isStream);

export const EMBEDDINGS: Surface = {
  name: 'embeddings',
  isStream: false,
  isEmbedding: true,
  ask: (client, model, options = {}) =>
    client.official(async (openai, result) => {
      const reply = await openai.embeddings.create({ model, input: 'Hello', encoding_format: 'float', ...options });
      result.text = JSON.stringify(reply.data[0]?.embedding.slice(0, 3));
    }),
};

function readNativeFrames(wire: string): Partial<Read> {
  const frames = dataLines(wire)
    .filter((data) => data.startsWith('{'))
    .map((data) => JSON.parse(data) as { type: string; content?: string; finish_reason?: string });
  const text = frames.map((frame) => (frame.type === 'delta' ? (frame.content ?? '') : '')).join('');
  return { text, finishReason: frames.find((frame) => frame.type === 'done')?.finish_reason ?? null };
}

/** The data of every frame of a stream. */
export function dataLines(wire: string): string[] {
  return wire.split('\n').flatMap((line) => (line.startsWith('data: ') ? [line.slice('data: '.length)] : []));
}

function lastData(wire: string): string {
  return dataLines(wire).at(-1) ?? '';
}

function errorIn(text: string): WireError | null {
  try {
    return (JSON.parse(text) as { error?: WireError }).error ?? null;
  } catch {
    return null;
  }
}
