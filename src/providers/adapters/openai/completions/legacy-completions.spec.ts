import { describe, expect, it } from '@jest/globals';
import { SystemClock } from '../../../../core/clock.js';
import type { ChatEvent } from '../../../../core/chat/chat-event.js';
import type { JsonObject } from '../../../../core/json.js';
import type { AttemptContext } from '../../../provider-adapter.js';
import { OpenAiProtocol } from '../openai-protocol.js';
import { buildCompletionsBody } from './build-completions-body.js';
import { withoutEcho } from './without-echo.js';

const HEAD = { id: 'cmpl-1', object: 'text_completion', created: 5, model: 'm' };
const ATTEMPT = { apiKey: null, skipped: () => undefined, implausibleUsage: () => undefined };

function choice(text: string, rest: JsonObject = {}): JsonObject {
  return { text, index: 0, logprobs: null, finish_reason: null, ...rest };
}

function protocolFor(body: JsonObject): ReturnType<typeof withoutEcho> {
  const protocol = new OpenAiProtocol(
    ATTEMPT as unknown as AttemptContext,
    new SystemClock(),
    false,
    'openai-completions',
  );
  const source = { dialect: 'openai-completions' as const, body };
  return withoutEcho(protocol, { model: 'm', messages: [], stream: true, source });
}

function readStream(body: JsonObject, ...choices: JsonObject[]): ChatEvent[] {
  const reader = protocolFor(body).createStreamReader();
  const chunks = choices.map((each) => JSON.stringify({ ...HEAD, choices: [each] }));
  const events = [...chunks, '[DONE]'].flatMap((data) => reader.read({ event: '', data }));
  expect(reader.isDone).toBe(true);
  return [...events, ...reader.end()];
}

const textOf = (events: readonly ChatEvent[]): string =>
  events.map((event) => (event.type === 'text-delta' ? event.text : '')).join('');

describe('a legacy completion', () => {
  it('is read chunk by chunk, each with its object', () => {
    const texts = ['One', ' two', ' three', ' "four"', ' five'];
    const end = choice('', { finish_reason: 'length' });
    const events = readStream({}, ...texts.map((text) => choice(text)), end);
    expect(textOf(events)).toBe('One two three "four" five');
    expect(events.at(-1)).toMatchObject({ type: 'finish', finishReason: 'length' });
    expect(events.every(({ wire }) => wire?.dialect === 'openai-completions')).toBe(true);
    expect(events.map(({ wire }) => (wire?.value as { choices: unknown[] }).choices[0])).toEqual([
      choice('One'),
      choice('One'),
      ...texts.slice(1).map((text) => choice(text)),
      end,
    ]);
  });

  it('is read whole, with its log probabilities as those of chat', () => {
    const logprobs = {
      tokens: ['Hé', ' you'],
      token_logprobs: [null, -0.5],
      top_logprobs: [null, { ' you': -0.5, ' me': -1.5 }],
      text_offset: [0, 2],
    };
    const body = { ...HEAD, choices: [choice('Hé you', { finish_reason: 'stop', logprobs })] };
    const events = protocolFor({}).readReply(body);
    expect(events.find(({ type }) => type === 'text-delta')).toMatchObject({
      text: 'Hé you',
      logprobs: [
        { token: 'Hé', logprob: 0, bytes: [72, 195, 169], top_logprobs: [] },
        { token: ' you', logprob: -0.5, top_logprobs: [{ token: ' you' }, { token: ' me', logprob: -1.5 }] },
      ],
    });
    expect(events[0]?.wire?.value).toEqual(body);
  });

  it.each<[string, string[]]>([
    ['in one piece', ['Say: hi', ' there']],
    ['in many', ['Sa', 'y:', ' h', 'i there']],
    ['with the answer', ['Say: hi there']],
  ])('a prompt that is repeated %s is no part of the answer, but stays on the wire', (_name, texts) => {
    const asked = { echo: true, prompt: 'Say:' };
    const events = readStream(asked, ...texts.map((text) => choice(text)), choice('', { finish_reason: 'stop' }));
    expect(textOf(events)).toBe(' hi there');
    const relayed = new Set(events.map(({ wire }) => wire?.value as { choices: { text: string }[] }));
    expect([...relayed].map(({ choices }) => choices[0]?.text).join('')).toBe('Say: hi there');
  });

  it('what is no repetition stays, and each choice has its own', () => {
    const asked = { echo: true, prompt: ['Say:'] };
    const events = readStream(
      asked,
      choice('Said', {}),
      choice('Say:', { index: 1 }),
      choice(' x', { index: 1 }),
      choice('', { finish_reason: 'stop' }),
      choice('', { index: 1, finish_reason: 'stop' }),
    );
    expect(textOf(events)).toBe('Said x');
  });

  it('is asked for as it came, and for the usage of a stream', () => {
    const body = { prompt: [1, 2], suffix: 'x', best_of: 2, api_key: 'k', stream_options: { x: 1 } };
    const source = { dialect: 'openai-completions' as const, body };
    const warnings: string[] = [];
    const build = (stream: boolean, takesStreamOptions = true): JsonObject =>
      buildCompletionsBody('real', { model: 'm', messages: [], stream, source }, { takesStreamOptions }, (message) =>
        warnings.push(message),
      );
    const plain = { prompt: [1, 2], suffix: 'x', best_of: 2, model: 'real' };
    expect(build(true)).toEqual({ ...plain, stream: true, stream_options: { x: 1, include_usage: true } });
    expect(build(true, false)).toEqual({ ...plain, stream: true });
    expect(build(false)).toEqual({ ...plain, stream: false });
    expect(warnings).toHaveLength(3);
  });
});
