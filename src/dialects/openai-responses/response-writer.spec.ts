import { describe, expect, it } from '@jest/globals';
import { openAiSchemaCheck } from '../../../test/support/openai-schemas.js';
import type { ChatEvent } from '../../core/chat/chat-event.js';
import { tokenUsage } from '../../core/chat/token-usage.js';
import { AppError } from '../../core/errors/app-error.js';
import type { JsonObject } from '../../core/json.js';
import { parseResponsesRequest } from './parse-responses-request.js';
import { ResponseWriter } from './response-writer.js';
import { unsealThought } from './sealed-thought.js';
import { toResponsesFrame } from './to-responses-frame.js';

const checkEvent = openAiSchemaCheck('ResponseStreamEvent');
const checkResponse = openAiSchemaCheck('Response');
const HEAD = { id: 'resp_1', createdAt: 1_700_000_000 };
const START: ChatEvent = { type: 'response-start', id: 'u1', model: 'claude-x' };
const STOP: ChatEvent = { type: 'finish', choice: 0, finishReason: 'stop' };
const USAGE: ChatEvent = { type: 'usage', usage: tokenUsage({ input: 3, cachedInput: 2, output: 4, reasoning: 1 }) };

function text(words: string): ChatEvent {
  return { type: 'text-delta', choice: 0, text: words };
}

function writerFor(body: JsonObject = {}): ResponseWriter {
  return new ResponseWriter(parseResponsesRequest({ model: 'm', input: 'Hello.', ...body }), HEAD);
}

/** What a client reads of the events, each held to the schema; the response is valid after each of them. */
class Client {
  readonly events: JsonObject[] = [];

  constructor(readonly writer: ResponseWriter) {}

  read(told: readonly (JsonObject | string)[]): void {
    for (const each of told) {
      const { event: name, data } = toResponsesFrame(each);
      const event = JSON.parse(data) as JsonObject;
      checkEvent(event);
      expect(name).toBe(event.type);
      expect(event.sequence_number).toBe(this.events.length);
      this.events.push(event);
    }
    checkResponse(JSON.parse(JSON.stringify(this.writer.response)));
  }

  readAll(events: readonly ChatEvent[]): this {
    this.read(this.writer.start());
    for (const event of events) this.read(this.writer.add(event));
    this.read(this.writer.finish());
    return this;
  }

  get types(): string[] {
    return this.events.map(({ type }) => (type as string).replace('response.', ''));
  }

  get last(): JsonObject {
    return this.events.at(-1)?.response as JsonObject;
  }
}

function answer(events: readonly ChatEvent[], body: JsonObject = {}): Client {
  return new Client(writerFor(body)).readAll([START, ...events]);
}

describe(ResponseWriter.name, () => {
  it('tells a text with all the events of OpenAI', () => {
    const client = answer([text('Hel'), text('lo "you"'), STOP, USAGE]);
    expect(client.types).toEqual([
      ...['created', 'in_progress', 'output_item.added', 'content_part.added'],
      ...[
        'output_text.delta',
        'output_text.delta',
        'output_text.done',
        'content_part.done',
        'output_item.done',
        'completed',
      ],
    ]);
    expect(client.last).toMatchObject({
      id: 'resp_1',
      object: 'response',
      created_at: 1_700_000_000,
      status: 'completed',
      model: 'claude-x',
      error: null,
      incomplete_details: null,
      output: [
        {
          type: 'message',
          role: 'assistant',
          status: 'completed',
          content: [{ type: 'output_text', text: 'Hello "you"', annotations: [], logprobs: [] }],
        },
      ],
      usage: {
        input_tokens: 5,
        input_tokens_details: { cached_tokens: 2, cache_write_tokens: 0 },
        output_tokens: 5,
        output_tokens_details: { reasoning_tokens: 1 },
        total_tokens: 10,
      },
    });
    expect(client.events.filter(({ type }) => type === 'response.output_text.delta').map(({ delta }) => delta)).toEqual(
      ['Hel', 'lo "you"'],
    );
  });

  it('tells thoughts, a text and calls as items, the calls side by side', () => {
    const client = answer([
      { type: 'reasoning-delta', choice: 0, text: 'Hm' },
      { type: 'reasoning-delta', choice: 0, text: '.', signature: 's', signedBy: 'anthropic' },
      { type: 'reasoning-delta', choice: 0, text: '', redacted: 'r', signedBy: 'anthropic' },
      text('One moment.'),
      { type: 'tool-call-start', choice: 0, index: 0, id: 'a', name: 'find' },
      { type: 'tool-call-delta', choice: 0, index: 0, argumentsDelta: '{"q"' },
      { type: 'tool-call-start', choice: 0, index: 1, id: 'b', name: 'find' },
      { type: 'tool-call-delta', choice: 0, index: 1, argumentsDelta: '{}' },
      { type: 'tool-call-delta', choice: 0, index: 0, argumentsDelta: ':1}' },
      { type: 'finish', choice: 0, finishReason: 'tool-calls' },
    ]);
    const output = client.last.output as JsonObject[];
    expect(output.map(({ type, status }) => [type, status])).toEqual([
      ['reasoning', undefined],
      ['reasoning', undefined],
      ['message', 'completed'],
      ['function_call', 'completed'],
      ['function_call', 'completed'],
    ]);
    expect(output[0]?.summary).toEqual([{ type: 'summary_text', text: 'Hm.' }]);
    expect(output.slice(0, 2).map(({ encrypted_content: seal }) => unsealThought(seal as string))).toEqual([
      { signature: 's', signedBy: 'anthropic', model: 'claude-x' },
      { redacted: 'r', signedBy: 'anthropic', model: 'claude-x' },
    ]);
    expect(output.slice(3)).toMatchObject([
      { call_id: 'a', name: 'find', arguments: '{"q":1}' },
      { call_id: 'b', name: 'find', arguments: '{}' },
    ]);
    expect(new Set(output.map(({ id }) => id)).size).toBe(5);
  });

  it('gives custom tools and those in namespaces back under their own names', () => {
    const tools = [
      { type: 'custom', name: 'patch' },
      { type: 'namespace', name: 'mail', description: '', tools: [{ type: 'function', name: 'send' }] },
    ];
    const client = answer(
      [
        { type: 'tool-call-start', choice: 0, index: 0, id: 'a', name: 'patch' },
        { type: 'tool-call-delta', choice: 0, index: 0, argumentsDelta: '{"input":"*** Be' },
        { type: 'tool-call-delta', choice: 0, index: 0, argumentsDelta: 'gin\\n"}' },
        { type: 'tool-call-start', choice: 0, index: 1, id: 'b', name: 'mail__send' },
        { type: 'tool-call-delta', choice: 0, index: 1, argumentsDelta: '{}' },
        { type: 'tool-call-start', choice: 0, index: 2, id: 'c', name: 'patch' },
        { type: 'tool-call-delta', choice: 0, index: 2, argumentsDelta: 'just text' },
        { type: 'finish', choice: 0, finishReason: 'tool-calls' },
      ],
      { tools },
    );
    expect(client.last.output).toMatchObject([
      { type: 'custom_tool_call', call_id: 'a', name: 'patch', input: '*** Begin\n' },
      { type: 'function_call', call_id: 'b', name: 'send', namespace: 'mail', arguments: '{}' },
      { type: 'custom_tool_call', call_id: 'c', name: 'patch', input: 'just text' },
    ]);
    expect(client.types.filter((type) => type.startsWith('custom_tool_call_input'))).toEqual([
      'custom_tool_call_input.delta',
      'custom_tool_call_input.done',
      'custom_tool_call_input.delta',
      'custom_tool_call_input.done',
    ]);
  });

  it('keeps the signature of a call in a thought before it', () => {
    const client = answer([
      { type: 'tool-call-start', choice: 0, index: 0, id: 'a', name: 'f', signature: 's', signedBy: 'gemini' },
      { type: 'finish', choice: 0, finishReason: 'tool-calls' },
    ]);
    const output = client.last.output as JsonObject[];
    expect(output.map(({ type }) => type)).toEqual(['reasoning', 'function_call']);
    const request = parseResponsesRequest({
      model: 'm',
      input: [...output, { type: 'function_call_output', call_id: 'a', output: '' }],
    });
    expect(request.chat.messages[0]?.content).toEqual([
      { type: 'tool-call', id: 'a', name: 'f', arguments: '', signature: 's', signedBy: 'gemini' },
    ]);
  });

  it('tells a refusal, log probabilities and what the gateway’s own tools gave', () => {
    const client = answer([
      { type: 'refusal-delta', choice: 0, text: 'No.' },
      {
        type: 'text-delta',
        choice: 0,
        text: 'But',
        logprobs: [
          { token: 'But', logprob: -1, bytes: null, top_logprobs: [{ token: 'Yet', logprob: -2, bytes: [89] }] },
        ],
      },
      { type: 'tool-call-start', choice: 0, index: 0, id: 'a', name: 'http_weather' },
      { type: 'tool-result', id: 'a', name: 'http:weather', content: 'Rain.', isError: false },
      text('It rains.'),
      STOP,
    ]);
    const output = client.last.output as JsonObject[];
    expect(output).toMatchObject([
      {
        content: [
          { type: 'refusal', refusal: 'No.' },
          {
            text: 'But',
            logprobs: [
              { token: 'But', logprob: -1, bytes: [], top_logprobs: [{ token: 'Yet', logprob: -2, bytes: [89] }] },
            ],
          },
        ],
      },
      { type: 'function_call', status: 'completed' },
      { type: 'function_call_output', call_id: 'a', output: 'Rain.', status: 'completed' },
      { content: [{ text: 'It rains.' }] },
    ]);
  });

  it('tells only the first of several choices, and nothing for nothing', () => {
    const client = answer([text(''), { type: 'text-delta', choice: 1, text: 'x' }, { type: 'passthrough' }, STOP]);
    expect(client.types).toEqual(['created', 'in_progress', 'completed']);
  });

  it.each([
    ['length', 'max_output_tokens'],
    ['content-filter', 'content_filter'],
  ] as const)('is incomplete when the answer ended by %s', (finishReason, reason) => {
    const client = answer([text('Hel'), { type: 'finish', choice: 0, finishReason }]);
    expect(client.types.slice(-2)).toEqual(['output_item.done', 'incomplete']);
    expect(client.last).toMatchObject({
      status: 'incomplete',
      incomplete_details: { reason },
      output: [{ status: 'incomplete' }],
      completed_at: null,
    });
  });

  it('F46: fails in band with our code in the message, and keeps what was said', () => {
    const client = new Client(writerFor());
    client.read(client.writer.start());
    for (const event of [START, text('Hel')]) client.read(client.writer.add(event));
    client.read(client.writer.fail(new AppError('upstream_stream_interrupted', 'It broke off.')));
    expect(client.types.at(-1)).toBe('failed');
    expect(client.last).toMatchObject({
      status: 'failed',
      error: { code: 'server_error', message: 'upstream_stream_interrupted: It broke off.' },
      output: [{ status: 'incomplete', content: [{ text: 'Hel' }] }],
    });
    expect(client.writer.response).toEqual(client.last);
  });

  it('names a limit as one', () => {
    const writer = writerFor();
    const [failed] = writer.fail(new AppError('upstream_rate_limited', 'Too much.'));
    expect(failed?.response).toMatchObject({ error: { code: 'rate_limit_exceeded' } });
  });

  it('is queued in the background, and cancelled without a word', () => {
    const writer = writerFor({ background: true });
    const client = new Client(writer);
    expect(writer.response.status).toBe('queued');
    client.read(writer.start());
    expect(client.events.map(({ type, response }) => [type, (response as JsonObject).status])).toEqual([
      ['response.created', 'queued'],
      ['response.queued', 'queued'],
      ['response.in_progress', 'in_progress'],
    ]);
    client.read(writer.add(text('Hel')));
    expect(writer.response).toMatchObject({ status: 'in_progress', output: [{ status: 'in_progress' }] });
    writer.cancel();
    expect(writer.response).toMatchObject({ status: 'cancelled', output: [{ status: 'incomplete' }] });
    checkResponse(writer.response);
  });

  it('does not change what it told before', () => {
    const writer = writerFor();
    const told = [...writer.start(), ...writer.add(START), ...writer.add(text('Hel'))];
    const before = JSON.stringify(told);
    const open = JSON.stringify(writer.output);
    const kept = writer.output;
    writer.add({ ...text('lo'), logprobs: [] } as ChatEvent);
    writer.finish();
    expect([JSON.stringify(told), JSON.stringify(kept)]).toEqual([before, open]);
  });
});
