/** A route that leads to a provider: how to ask it for something that the models of a `MoneyBench` are paid for. */
export interface MeteredRoute {
  /** The body of the request with this number; no two are the same where that matters. */
  body(index: number): object;
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

/** Every route that a key can spend money on, by `METHOD /path`. What comes later inherits the tests by a line here. */
export const METERED_ROUTES: Readonly<Record<string, MeteredRoute>> = {
  'POST /v1/chat': { body: () => ({ model: 'money', message }) },
  'POST /v1/chat/completions': { body: () => ({ model: 'money', messages }) },
  'POST /v1/chat/stream': { body: () => ({ model: 'money', message }), isStream: true },
  'POST /v1/collections': { body: (index) => ({ name: `made-${String(index)}`, embedding_model: 'money-vectors' }) },
  'POST /v1/embeddings': { body: () => ({ model: 'money-vectors', input: message }) },
  'POST /v1/extract': { body: () => ({ model: 'money', input: message, schema: { type: 'object' }, max_repairs: 0 }) },
  'POST /v1/query': { body: () => ({ model: 'money', question }) },
  'POST /v1/search': { body: () => ({ query: question, collection: 'paid' }) },
  'POST /v1/stream': { body: () => ({ model: 'money', question }), isStream: true },
  'WS /v1/chat/ws': { body: () => ({ model: 'money', message }), isSocket: true },
};

/** Every route of the table, as it is and with a key: what to call that, the route's name, and how to ask it. */
export const METERED_CASES: readonly (readonly [title: string, name: string, route: MeteredRoute])[] = Object.entries(
  METERED_ROUTES,
).flatMap(([name, route]) => [
  [name, name, route] as const,
  ...(route.isSocket === true ? [] : [[`${name}, with a key`, name, { ...route, isKeyed: true }] as const]),
]);

/** The other POST routes under /v1, and why they are not metered. */
export const EXEMPT_ROUTES: Readonly<Record<string, string>> = {
  'POST /v1/collections/{id}/evaluate': 'answers before anybody is asked; each search of its job passes the gate',
  'POST /v1/collections/{id}/recount': 'counts what is stored and asks nobody',
  'POST /v1/conversations': 'keeps what it is given and asks nobody',
  'POST /v1/conversations/{id}': 'renames and asks nobody',
  'POST /v1/conversations/{id}/items': 'keeps what it is given and asks nobody',
  'POST /v1/cost/estimate': 'says what something would cost and asks nobody',
  'POST /v1/documents': 'as POST /v1/index',
  'POST /v1/index': 'answers before anybody is asked; its job passes the gate, and waits there: index-jobs.spec.ts',
  'POST /v1/jobs/{id}/retry': 'answers before anybody is asked; its job passes the gate again',
};
