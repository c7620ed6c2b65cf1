/** A route that leads to a provider: how to ask it for something that the models of a `MoneyBench` are paid for. */
export interface MeteredRoute {
  /** The body of the request with this number; no two are the same where that matters. */
  body(index: number): object;
  /** The body goes as a form, with these bytes as its `file`. */
  readonly file?: Uint8Array<ArrayBuffer>;
  /** False where what is reserved is an upper bound that an answer does not reach. */
  readonly isExact?: boolean;
  /** Who answers; `openai` when not given. */
  readonly provider?: string;
  /** Streams are read to their end before they count as answered. */
  readonly isStream?: boolean;
  /** Each request is a message of a WebSocket of its own. */
  readonly isSocket?: boolean;
  /** Each request has an `Idempotency-Key` of its own. */
  readonly isKeyed?: boolean;
}

const messages = [{ role: 'user', content: 'How far does the godwit fly?' }];
const message = 'How far does the godwit fly?';
const question = 'How far does the godwit fly without a stop?';
const input = message;
const streamed = { stream: true } as const;
const TOKENS = 20;

/** Every route that a key can spend money on, by `METHOD /path`. What comes later inherits the tests by a line here. */
export const METERED_ROUTES: Readonly<Record<string, MeteredRoute>> = {
  'POST /v1/chat': { body: () => ({ model: 'money', message }) },
  'POST /v1/chat/completions': { body: () => ({ model: 'money', messages }) },
  'POST /v1/audio/speech': { body: () => ({ model: 'media/speaker', input, voice: 'alloy' }), provider: 'media' },
  'POST /v1/audio/transcriptions': {
    body: () => ({ model: 'media/whisper-1' }),
    file: silence(3),
    isExact: false,
    provider: 'media',
  },
  'POST /v1/chat/stream': { body: () => ({ model: 'money', message }), isStream: true },
  'POST /v1/collections': { body: (index) => ({ name: `made-${String(index)}`, embedding_model: 'money-vectors' }) },
  'POST /v1/completions': { body: () => ({ model: 'money', prompt: message, max_tokens: TOKENS }) },
  'POST /v1/embeddings': { body: () => ({ model: 'money-vectors', input: message }) },
  'POST /v1/extract': { body: () => ({ model: 'money', input: message, schema: { type: 'object' }, max_repairs: 0 }) },
  'POST /v1/images/generations': { body: () => ({ model: 'media/painter', prompt: message }), provider: 'media' },
  'POST /v1/messages': { body: () => ({ model: 'money', max_tokens: TOKENS, messages }) },
  'POST /v1/moderations': { body: () => ({ model: 'media/judge', input }), isExact: false, provider: 'media' },
  'POST /v1/query': { body: () => ({ model: 'money', question }) },
  'POST /v1/rerank': {
    body: () => ({ model: 'reranker/r', query: question, documents: [message] }),
    provider: 'reranker',
  },
  'POST /v1/responses': { body: () => ({ model: 'money', input }) },
  'POST /v1/search': { body: () => ({ query: question, collection: 'paid' }) },
  'POST /v1/stream': { body: () => ({ model: 'money', question }), isStream: true },
  'WS /v1/chat/ws': { body: () => ({ model: 'money', message }), isSocket: true },
};

/** The same routes in other ways, which have to pay all the same. */
const VARIANTS: readonly (readonly [title: string, name: string, route: MeteredRoute])[] = [
  [
    'POST /v1/messages, streamed',
    'POST /v1/messages',
    { body: () => ({ model: 'money', max_tokens: TOKENS, messages, ...streamed }), isStream: true },
  ],
  [
    'POST /v1/responses, streamed and not kept',
    'POST /v1/responses',
    { body: () => ({ model: 'money', input, store: false, ...streamed }), isStream: true },
  ],
];

/** What a key adds is the same on all routes; these are of every sort. */
const KEYED = /^POST \/v1\/(?:chat|chat\/\w+|embeddings|query|stream|search|responses|images\/generations)$/;

/** Every route of the table, as it is and some with a key: what to call that, the route's name, and how to ask it. */
export const METERED_CASES: readonly (readonly [title: string, name: string, route: MeteredRoute])[] = [
  ...Object.entries(METERED_ROUTES).map(([name, route]) => [name, name, route] as const),
  ...Object.entries(METERED_ROUTES)
    .filter(([name]) => KEYED.test(name))
    .map(([name, route]) => [`${name}, with a key`, name, { ...route, isKeyed: true }] as const),
  ...VARIANTS,
];

/** The other POST routes under /v1, and why they are not metered. */
export const EXEMPT_ROUTES: Readonly<Record<string, string>> = {
  'POST /v1/batches': 'answers before anybody is asked; each of its lines passes the gate, and waits there',
  'POST /v1/batches/{id}/cancel': 'ends what was paid for before',
  'POST /v1/collections/{id}/evaluate': 'answers before anybody is asked; each search of its job passes the gate',
  'POST /v1/collections/{id}/recount': 'counts what is stored and asks nobody',
  'POST /v1/conversations': 'keeps what it is given and asks nobody',
  'POST /v1/conversations/{id}': 'renames and asks nobody',
  'POST /v1/conversations/{id}/items': 'keeps what it is given and asks nobody',
  'POST /v1/cost/estimate': 'says what something would cost and asks nobody',
  'POST /v1/documents': 'as POST /v1/index',
  'POST /v1/files': 'keeps what it is given and asks nobody',
  'POST /v1/index': 'answers before anybody is asked; its job passes the gate, and waits there: index-jobs.spec.ts',
  'POST /v1/jobs/{id}/retry': 'answers before anybody is asked; its job passes the gate again',
  'POST /v1/messages/count_tokens': 'counts, and where it asks, providers count for nothing',
  'POST /v1/responses/input_tokens': 'counts, and asks nobody',
  'POST /v1/responses/{id}/cancel': 'ends what was paid for before',
  'POST /v1/webhooks': 'keeps an address and asks nobody',
  'POST /v1/webhooks/{id}/rotate': 'makes a secret and asks nobody',
  'POST /v1/webhooks/{id}/test': 'tells a receiver and asks no model',
};

/** So many seconds of silence, as a WAV file: 8,000 samples a second of one byte each. */
function silence(seconds: number): Uint8Array<ArrayBuffer> {
  const rate = 8_000;
  const bytes = seconds * rate;
  const file = Buffer.alloc(44 + bytes, 0x80);
  file.write('RIFF', 0);
  file.writeUInt32LE(36 + bytes, 4);
  file.write('WAVEfmt ', 8);
  file.writeUInt32LE(16, 16);
  file.writeUInt16LE(1, 20);
  file.writeUInt16LE(1, 22);
  file.writeUInt32LE(rate, 24);
  file.writeUInt32LE(rate, 28);
  file.writeUInt16LE(1, 32);
  file.writeUInt16LE(8, 34);
  file.write('data', 36);
  file.writeUInt32LE(bytes, 40);
  return Uint8Array.from(file);
}
