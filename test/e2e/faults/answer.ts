/** In whose words a surface answers. */
export type ClientDialect =
  'openai-chat' | 'openai-completions' | 'openai-embeddings' | 'openai-responses' | 'anthropic-messages' | 'native';

/** An error as a client reads it. Anthropic's has only a type and a message; in a failed response the code leads the message. */
export interface WireError {
  message: string;
  type: string;
  param: string | null;
  code: string | null;
}

/** One answer, as it stood on the wire and as a client read it. */
export interface Answer {
  dialect: ClientDialect;
  status: number;
  headers: Headers;
  /** The body as it came, frames and all. */
  wire: string;
  /** The text that a client has at the end. */
  text: string;
  /** From the body of a refusal, or from the last frame of a stream. */
  error: WireError | null;
  /** Ended as an answer ends: for a stream that is its dialect's last frame. */
  isWhole: boolean;
  /** What the official client threw; null on surfaces that have none. */
  thrown: unknown;
  /** In the words of chat completions. */
  finishReason: string | null;
  durationMs: number;
}

/** What a client made of an answer. */
export type Read = Pick<Answer, 'text' | 'thrown' | 'finishReason'>;

/** What stood on the wire. */
export type WireAnswer = Omit<Answer, keyof Read | 'durationMs'>;

/** The last frame of a stream that ended well. */
const ENDS: Readonly<Record<ClientDialect, RegExp>> = {
  'openai-chat': /data: \[DONE\]\n\n$/,
  'openai-completions': /data: \[DONE\]\n\n$/,
  'openai-embeddings': /^$/,
  'openai-responses': /event: response\.(?:completed|incomplete)\ndata: [^\n]+\n\n$/,
  'anthropic-messages': /event: message_stop\ndata: [^\n]+\n\n$/,
  native: /data: \[DONE\]\n\n$/,
};

/** Reads the whole of a response. */
export async function readWire(dialect: ClientDialect, response: Response): Promise<WireAnswer> {
  const { status, headers } = response;
  const wire = await response.text();
  const isStream = headers.get('content-type')?.startsWith('text/event-stream') === true;
  const isWhole = status === 200 && (!isStream || ENDS[dialect].test(wire));
  const error = isWhole ? null : errorIn(isStream ? (dataLines(wire).at(-1) ?? '') : wire);
  return { dialect, status, headers, wire, error, isWhole };
}

/** The data of every frame of a stream. */
export function dataLines(wire: string): string[] {
  return wire.split('\n').flatMap((line) => (line.startsWith('data: ') ? [line.slice('data: '.length)] : []));
}

interface ErrorBody {
  error?: Partial<WireError>;
  type?: string;
  response?: { error: { code: string; message: string } | null };
}

function errorIn(text: string): WireError | null {
  const { error, type, response } = parsed(text);
  if (response?.error) {
    const { code, message } = response.error;
    return { type: code, code: /^[a-z_]+(?=: )/.exec(message)?.[0] ?? null, message, param: null };
  }
  if (!error) return null;
  // The others have all four members, and what is missing there is to be seen.
  return type === 'error' ? ({ param: null, code: null, ...error } as WireError) : (error as WireError);
}

function parsed(text: string): ErrorBody {
  try {
    return JSON.parse(text) as ErrorBody;
  } catch {
    return {};
  }
}
