import fc from 'fast-check';
import type { Operation } from '../../support/openapi/api-document.js';
import { type Hints, LEFT_OUT } from '../../support/openapi/arbitrary-requests.js';
import type { Ids } from '../../support/openapi/one-of-each.js';

const MODELS: Readonly<Record<string, string>> = {
  '/v1/embeddings': 'openai/text-embedding-3-small',
  '/v1/audio/speech': 'media/tts-1',
  '/v1/audio/transcriptions': 'media/whisper-1',
  '/v1/images/generations': 'media/gpt-image-1',
  '/v1/moderations': 'media/omni-moderation-latest',
  '/v1/rerank': 'cohere/rerank-v3.5',
  '/v1/completions': 'openai/gpt-3.5-turbo-instruct',
  // They may go on when their request is over, when the provider is counted for another one.
  '/v1/responses': 'local/extractive',
};

/** What the document cannot say: which things there are, and which values make sense together. */
export function hintsFor(ids: Ids): Hints {
  return (operation, path, name) => {
    const exact = BY_PATH[`${operation.path} ${path}`] ?? BY_NAME[name];
    if (exact !== undefined) return exact;
    if (/(?:^|\.)(?:parameters|input_schema|json_schema\.schema)$/.test(path)) return plainSchema;
    if (path === 'path:id' || path.startsWith('path:')) return idOf(operation, path, ids);
    if (name === 'model') return fc.constant(MODELS[operation.path] ?? 'openai/gpt-4o');
    const kind = KINDS[name];
    return kind === undefined ? undefined : fc.constant(ids[kind] ?? '');
  };
}

const KINDS: Readonly<Record<string, string>> = {
  project_id: 'projects',
  webhook_id: 'webhooks',
  key_id: 'keys',
  input_file_id: 'files',
  collection: 'collections',
};

/** The word before the parameter says what the id is of. */
function idOf(operation: Operation, path: string, ids: Ids): fc.Arbitrary<unknown> {
  const parts = operation.path.split('/');
  const kind = parts[parts.indexOf(`{${path.slice('path:'.length)}}`) - 1] ?? '';
  return fc.constantFrom(ids[kind] ?? 'none', 'nobody-has-this');
}

const words = fc.constantFrom('godwit', 'the bar-tailed godwit flies', 'Zugvögel 鳥 🐦', 'line\nbreak');
const plainName = fc.stringMatching(/^[a-z][a-z0-9_-]{2,20}$/);
const plainSchema = fc.constantFrom(
  { type: 'object', properties: {} },
  { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
);
const publicUrl = fc.constantFrom('https://example.com/a.png', 'http://example.com/b?c=d');
const textPart = fc.record({ type: fc.constant('text'), text: words });
const imagePart = fc.record({ type: fc.constant('image_url'), image_url: fc.record({ url: publicUrl }) });
const chatMessage = fc.oneof(
  fc.record({
    role: fc.constantFrom('system', 'developer', 'assistant'),
    content: fc.oneof(words, fc.array(textPart, { minLength: 1, maxLength: 2 })),
  }),
  fc.record({
    role: fc.constant('user'),
    content: fc.oneof(words, fc.array(fc.oneof(textPart, imagePart), { minLength: 1, maxLength: 3 })),
  }),
);
const chatMessages = fc
  .array(chatMessage, { minLength: 1, maxLength: 4 })
  .map((list) => [...list, { role: 'user', content: 'Hi' }]);

const claudeMessages = fc.array(
  fc.record({
    role: fc.constantFrom('user', 'assistant'),
    content: fc.oneof(words, fc.array(textPart, { minLength: 1, maxLength: 2 })),
  }),
  { minLength: 1, maxLength: 3 },
);
const claudeSystem = fc.oneof(words, fc.array(textPart, { minLength: 1, maxLength: 2 }));
const claudeTools = fc.constantFrom([{ name: 'look', input_schema: { type: 'object' } }], undefined);
// No two of a name, which a schema cannot say.
const chatTools = fc.uniqueArray(
  fc.record({
    type: fc.constant('function'),
    function: fc.record({ name: plainName, description: words, parameters: plainSchema }, { requiredKeys: ['name'] }),
  }),
  { selector: (tool) => tool.function.name, minLength: 1, maxLength: 3 },
);
const responseItems = fc.array(fc.record({ role: fc.constantFrom('user', 'assistant', 'system'), content: words }), {
  minLength: 1,
  maxLength: 3,
});
const responseInput = fc.oneof(words, responseItems);

// One of each window; two of the same are refused, which a schema cannot say.
const budgets = fc.uniqueArray(
  fc.record({ amount_usd: fc.constantFrom(1, 25, 1_000), window: fc.constantFrom('day', 'week', 'month', 'total') }),
  { selector: ({ window }) => window, maxLength: 3 },
);

/** Whatever stands under these names is checked against something else: other fields, what there is, the clock. */
const BY_NAME: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  'Idempotency-Key': LEFT_OUT,
  budgets,
  // Less than half of the size.
  overlap: fc.constantFrom(0, 10),
  'Cache-Control': fc.constantFrom('no-store', 'no-cache'),
  'x-trunkline-cache-ttl': fc.constantFrom('60'),
  'anthropic-version': fc.constant('2023-06-01'),
  'anthropic-beta': fc.constantFrom('context-1m-2025-08-07', 'nobody-knows-2099-01-01'),
  after: LEFT_OUT,
  before_id: LEFT_OUT,
  after_id: LEFT_OUT,
  starting_after: LEFT_OUT,
  from: fc.constantFrom('2026-01-01', '2026-01-31'),
  to: fc.constantFrom('2026-02-01', '2026-03-01'),
  time_zone: fc.constantFrom('Europe/Berlin', 'UTC'),
  group_by: fc.constantFrom('day', 'day,model', 'key,tag'),
  min_cost_usd: fc.constantFrom('0', '0.05'),
  min_duration_ms: fc.constantFrom('0', '2000'),
  expires_at: fc.constant('2099-01-01T00:00:00Z'),
  url: publicUrl,
  webhook_url: publicUrl,
  secret: LEFT_OUT,
  stream_options: LEFT_OUT,
  logit_bias: fc.dictionary(fc.nat(9_999).map(String), fc.integer({ min: -100, max: 100 }), { maxKeys: 3 }),
  tool_choice: LEFT_OUT,
  server_tools: fc.constantFrom(['rag:notes'], undefined),
  filter: fc.constantFrom({ eq: ['metadata.shelf', 'godwit'] }, { exists: 'title' }),
  language: fc.constantFrom('en', 'German'),
  embedding_model: fc.constant('local/lexical-384'),
  document_id: plainName,
  conversation_id: LEFT_OUT,
  session_id: LEFT_OUT,
  best_of: LEFT_OUT,
  background: LEFT_OUT,
  requests: LEFT_OUT,
  output_expires_after: LEFT_OUT,
  expires_after: LEFT_OUT,
  completion_window: fc.constant('24h'),
  models: fc.constantFrom(['openai/gpt-4o'], ['openai/*', 'smart']),
  amount_usd: fc.constantFrom(0.5, 25, 1_000),
  previous_response_id: LEFT_OUT,
  conversation: LEFT_OUT,
  include: LEFT_OUT,
  'include[]': LEFT_OUT,
};
const BY_PATH: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  // Only what was asked for as a stream can be had as one.
  '/v1/responses/{id} query:stream': LEFT_OUT,
  '/v1/completions n': fc.constantFrom(1, 2),
  '/v1/documents metadata': fc.constant('{"topic":"birds"}'),
  '/v1/messages messages': claudeMessages,
  '/v1/messages system': claudeSystem,
  '/v1/messages tools': claudeTools,
  '/v1/messages/count_tokens messages': claudeMessages,
  '/v1/messages/count_tokens system': claudeSystem,
  '/v1/messages/count_tokens tools': claudeTools,
  '/v1/messages thinking': LEFT_OUT,
  '/v1/messages/count_tokens thinking': LEFT_OUT,
  '/v1/responses input': responseInput,
  '/v1/responses/input_tokens input': responseInput,
  '/v1/responses tools': LEFT_OUT,
  '/v1/responses/input_tokens tools': LEFT_OUT,
  '/v1/responses text.format': LEFT_OUT,
  '/v1/responses/input_tokens text.format': LEFT_OUT,
  '/v1/conversations items': responseItems,
  '/v1/conversations/{id}/items items': responseItems,
  '/v1/conversations/{id} title': words,
  '/v1/collections/{id} name': plainName,
  '/admin/tools headers': fc.constantFrom({ 'x-kind': 'test' }),
  '/admin/tools/{id} headers': fc.constantFrom({ 'x-kind': 'test' }),
  '/admin/tools url': fc.constant('https://example.com/a'),
  '/admin/tools name': fc.uuid(),
  '/admin/catalog check_only': fc.constant(true),
  '/v1/chat/completions messages': chatMessages,
  '/v1/chat/completions tools': chatTools,
  '/v1/chat messages': chatMessages,
  '/v1/chat/stream messages': chatMessages,
  '/v1/extract messages': chatMessages,
  '/v1/extract schema': plainSchema,
  '/v1/collections name': plainName,
};
