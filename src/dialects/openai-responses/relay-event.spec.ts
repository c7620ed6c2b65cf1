import { describe, expect, it } from '@jest/globals';
import { renderResponse, renderResponseEvents } from '../../../test/fakes/openai/render-response.js';
import { completeReply, type ScriptedReply } from '../../../test/fakes/scripted-reply.js';
import { openAiSchemaCheck } from '../../../test/support/openai-schemas.js';
import type { ChatEvent } from '../../core/chat/chat-event.js';
import { tokenUsage } from '../../core/chat/token-usage.js';
import type { JsonObject } from '../../core/json.js';
import { readResponse } from '../../providers/adapters/openai/responses/read-response.js';
import { ResponsesStreamReader } from '../../providers/adapters/openai/responses/responses-stream-reader.js';
import { parseResponsesRequest } from './parse-responses-request.js';
import { ResponseWriter } from './response-writer.js';

const checkEvent = openAiSchemaCheck('ResponseStreamEvent');
const checkResponse = openAiSchemaCheck('Response');
const HEAD = { id: 'resp_OURS', createdAt: 1_700_000_000 };
const ENVELOPE = { id: 'resp_theirs', createdAt: 1_600_000_000, model: 'gpt-x' };
const ATTEMPT = { skipped: () => undefined, implausibleUsage: () => undefined, apiKey: 'sk-1' };
const BODY: JsonObject = {
  model: 'smart',
  input: 'Hello.',
  include: ['reasoning.encrypted_content'],
  tools: [
    { type: 'function', name: 'find', parameters: null, strict: true },
    { type: 'custom', name: 'patch' },
  ],
};
const PROMPT = { text: 'Hello.', last: 'Hello.' };
const FULL: ScriptedReply = {
  reasoning: 'Let me see.',
  pieces: ['Hel', 'lo.'],
  toolCalls: [
    { id: 'a', name: 'find', arguments: { q: 1 } },
    { id: 'b', name: 'patch', arguments: '*** Begin' },
  ],
  usage: { input: 5, cachedInput: 2, output: 7, reasoning: 3 },
};

function reader(): ResponsesStreamReader {
  return new ResponsesStreamReader(ATTEMPT);
}

function framesOf(reply: ScriptedReply): JsonObject[] {
  return renderResponseEvents(completeReply(reply, PROMPT), ENVELOPE, BODY).map(
    ({ data }) => JSON.parse(data) as JsonObject,
  );
}

function eventsOf(frames: readonly JsonObject[]): ChatEvent[] {
  const stream = reader();
  const events = frames.flatMap((frame) => stream.read({ event: '', data: JSON.stringify(frame) }));
  return [...events, ...stream.end()];
}

function writer(body: JsonObject = BODY): ResponseWriter {
  return new ResponseWriter(parseResponsesRequest(body), HEAD);
}

function tell(
  events: readonly ChatEvent[],
  response = writer(),
): { told: JsonObject[]; texts: number; last: JsonObject } {
  const raw = [...response.start(), ...events.flatMap((event) => response.add(event)), ...response.finish()];
  const told = raw.map((event) => (typeof event === 'string' ? (JSON.parse(event) as JsonObject) : event));
  told.forEach((event, index) => {
    checkEvent(JSON.parse(JSON.stringify(event)));
    expect(event.sequence_number).toBe(index);
  });
  return { told, texts: raw.filter((event) => typeof event === 'string').length, last: response.response };
}

describe('events of a provider that speaks Responses', () => {
  it('go on as they came, under our id', () => {
    const frames = framesOf(FULL);
    const { told, last, texts } = tell(eventsOf(frames));
    const isOfItem = ({ response }: JsonObject): boolean => response === undefined;
    expect(told.filter(isOfItem)).toEqual(frames.filter(isOfItem));
    expect(told.map(({ type }) => type)).toEqual(frames.map(({ type }) => type));
    expect(texts).toBe(frames.filter(isOfItem).length);
    const { id, created_at, ...theirs } = frames.at(-1)?.response as JsonObject;
    expect([id, created_at]).toEqual(['resp_theirs', 1_600_000_000]);
    expect(last).toMatchObject({ ...theirs, id: 'resp_OURS', created_at: 1_700_000_000, store: true, model: 'gpt-x' });
  });

  it('go on though nobody here knows them', () => {
    const [created, ...rest] = framesOf({ pieces: ['Hi'] });
    const search = {
      id: 'ws_1',
      type: 'web_search_call',
      status: 'in_progress',
      action: { type: 'search', query: 'x' },
    };
    const done = { ...search, status: 'completed' };
    const extra = [
      { type: 'response.output_item.added', output_index: 0, item: search },
      { type: 'response.web_search_call.searching', output_index: 0, item_id: 'ws_1' },
      { type: 'response.output_item.done', output_index: 0, item: done },
    ];
    const later = rest
      .slice(1)
      .map((event) => (typeof event.output_index === 'number' ? { ...event, output_index: 1 } : event));
    const { told, last } = tell(eventsOf([created ?? {}, { ...rest[0] }, ...extra, { type: 'keepalive' }, ...later]));
    expect(told.slice(2, 5)).toMatchObject(extra);
    expect(told.map(({ type }) => type)).not.toContain('keepalive');
    expect((last.output as JsonObject[]).map(({ type }) => type)).toEqual(['web_search_call', 'message']);
  });

  it('get what the schema demands and some servers leave out', () => {
    const frames = framesOf({ pieces: ['Hi'], toolCalls: [{ id: 'a', name: 'find', arguments: {} }] }).map((event) => {
      const { logprobs: _, sequence_number: _number, ...bare } = event;
      if (event.type === 'response.function_call_arguments.done') delete bare.name;
      const part = event.part as JsonObject | undefined;
      return part ? { ...bare, part: { type: part.type, text: part.text } } : bare;
    });
    const { last } = tell(eventsOf(frames));
    checkResponse(last);
    expect((last.output as JsonObject[]).map(({ type }) => type)).toEqual(['message', 'function_call']);
  });

  it('are told in our words where their beginnings are missing', () => {
    const frames = framesOf({ pieces: ['Hel', 'lo'] }).filter(
      ({ type }) => !/item\.added|part\.added/.test(type as string),
    );
    const { told, last } = tell(eventsOf(frames));
    expect(told.map(({ type }) => type)).toContain('response.content_part.added');
    expect(last.output).toMatchObject([{ type: 'message', status: 'completed', content: [{ text: 'Hello' }] }]);
    const [item] = last.output as JsonObject[];
    expect(item?.id as string).toMatch(/^msg_[0-9A-Z]{24}$/);
  });

  it('are told in our words where all comes with the end', () => {
    const frames = framesOf(FULL).filter(({ response }) => response !== undefined);
    const { last } = tell(eventsOf(frames));
    expect(last.output).toMatchObject([
      { type: 'reasoning', summary: [{ text: 'Let me see.' }], encrypted_content: 'sealed:Let me see.' },
      { type: 'message', content: [{ text: 'Hello.' }] },
      { type: 'function_call', call_id: 'a', arguments: '{"q":1}' },
      { type: 'custom_tool_call', call_id: 'b', input: '*** Begin' },
    ]);
  });

  it('are gone on with in our words when another provider goes on', () => {
    const frames = framesOf({ pieces: ['Hel', 'lo'] });
    const begun = frames.slice(0, frames.findIndex(({ type }) => type === 'response.output_text.delta') + 1);
    const stream = reader();
    const events = begun.flatMap((frame) => stream.read({ event: '', data: JSON.stringify(frame) }));
    const { told, last } = tell([
      ...events,
      { type: 'text-delta', choice: 0, text: 'p!' },
      { type: 'finish', choice: 0, finishReason: 'stop' },
    ]);
    expect(told.map(({ type }) => type).filter((type) => type === 'response.output_item.added')).toHaveLength(1);
    expect(last).toMatchObject({
      status: 'completed',
      output: [{ status: 'completed', content: [{ text: 'Help!' }] }],
    });
    expect((last.output as JsonObject[])[0]?.id).toBe('msg_theirs');
  });

  it('are counted as they come, whatever number they had', () => {
    const frames = framesOf({ pieces: ['Hi'], toolCalls: [{ id: 'a', name: 'find', arguments: {} }] });
    const sparse = frames.map((frame) => {
      if (typeof frame.output_index === 'number') return { ...frame, output_index: frame.output_index * 3 + 2 };
      return { ...frame, response: { ...(frame.response as JsonObject), output: [] } };
    });
    const { told, last } = tell(eventsOf(sparse));
    expect(new Set(told.map(({ output_index: index }) => index))).toEqual(new Set([undefined, 0, 1]));
    expect(last.output).toMatchObject([{ status: 'completed', content: [{ text: 'Hi' }] }, { arguments: '{}' }]);
  });

  it('tell a whole response as a stream would', () => {
    const whole = renderResponse(completeReply(FULL, PROMPT), ENVELOPE, BODY);
    const { told, last } = tell(readResponse(whole, ATTEMPT));
    const streamed = tell(eventsOf(framesOf({ ...FULL, pieces: ['Hello.'] })));
    const withoutDeltas = (events: JsonObject[]): unknown[] =>
      events.map(({ type }) => type).filter((type) => !(type as string).endsWith('.delta'));
    expect(withoutDeltas(told)).toEqual(withoutDeltas(streamed.told));
    expect(last).toEqual({ ...streamed.last, completed_at: last.completed_at });
    expect(last.output).toEqual(whole.output);
  });

  it('count what was counted here when a usage is ours', () => {
    const usage = tokenUsage({ input: 1, output: 20, estimated: true });
    const ours = (event: ChatEvent): ChatEvent => (event.type === 'usage' ? { type: 'usage', usage } : event);
    const { last } = tell(eventsOf(framesOf({ pieces: ['Hi'] })).map(ours));
    expect(last.usage).toMatchObject({ input_tokens: 1, output_tokens: 20 });
  });

  it('are incomplete for reasons of theirs, and say nothing where they say null', () => {
    const whole = renderResponse(completeReply({ text: 'Hi' }, PROMPT), ENVELOPE, BODY);
    const cut = {
      ...whole,
      status: 'incomplete',
      incomplete_details: { reason: 'of_tomorrow' },
      tools: null,
      text: null,
    };
    const response = writer();
    for (const event of readResponse(cut, ATTEMPT)) response.add(event);
    expect(response.finish().at(-1)?.type).toBe('response.incomplete');
    expect(response.response).toMatchObject({
      status: 'incomplete',
      incomplete_details: { reason: 'of_tomorrow' },
      completed_at: null,
      text: { format: { type: 'text' } },
    });
    expect(response.response.tools).toHaveLength(2);
  });

  it('never become frames with names of their own making', () => {
    const frames = framesOf({ pieces: ['Hi'] });
    const odd = { type: 'x\n\ndata: y', sequence_number: 1 };
    const { told } = tell(eventsOf([frames[0] ?? {}, odd, ...frames.slice(1)]));
    expect(told.map(({ type }) => type)).not.toContain(odd.type);
    expect(told).toHaveLength(frames.length);
  });

  it('are incomplete where theirs are', () => {
    const { told, last } = tell(eventsOf(framesOf({ pieces: ['Hi'], finishReason: 'length' })));
    expect(told.at(-1)?.type).toBe('response.incomplete');
    expect(last).toMatchObject({ status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } });
  });
});
