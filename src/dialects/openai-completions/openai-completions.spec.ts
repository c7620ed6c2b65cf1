import { describe, expect, it } from '@jest/globals';
import type { ChatEvent } from '../../core/chat/chat-event.js';
import type { ChatResult } from '../../core/chat/chat-result.js';
import { tokenUsage } from '../../core/chat/token-usage.js';
import type { JsonObject } from '../../core/json.js';
import { openAiSchemaCheck } from '../../../test/support/openai-schemas.js';
import { parseCompletionRequest } from './parse-completion-request.js';
import type { PromptEvent } from './prompt-event.js';
import { renderCompletionResults } from './render-completion-result.js';
import { renderCompletionStream } from './render-completion-stream.js';

const checkBody = openAiSchemaCheck('CreateCompletionResponse');

describe(parseCompletionRequest, () => {
  it('reads what models that chat know too, and keeps the body', () => {
    const body = {
      model: 'm',
      prompt: ['Hi'],
      max_tokens: 0,
      logprobs: 3,
      stop: 'x',
      n: 2,
      user: 'u',
      seed: 7,
      echo: true,
    };
    const { chats, ...rest } = parseCompletionRequest(body);
    expect(rest).toEqual({ stream: false, includesUsage: false, choices: 2, echoes: ['Hi'] });
    expect(chats).toHaveLength(1);
    expect(chats[0]).toMatchObject({
      ...{
        model: 'm',
        maxOutputTokens: 0,
        logprobs: true,
        topLogprobs: 3,
        stop: ['x'],
        choices: 2,
        user: 'u',
        seed: 7,
      },
      messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }],
    });
    expect(chats[0]?.source?.body).toBe(body);
    expect(chats[0]).not.toHaveProperty('extraParameters');
  });

  it('takes several prompts apart', () => {
    const { chats, echoes } = parseCompletionRequest({ model: 'm', prompt: ['a', [1, 2, 3]], echo: true, x: 1 });
    expect(chats.map(({ source }) => source?.body)).toEqual([
      { model: 'm', prompt: 'a', echo: true, x: 1 },
      { model: 'm', prompt: [1, 2, 3], echo: true, x: 1 },
    ]);
    expect(echoes).toEqual(['a', '']);
    expect(chats[1]?.messages[0]?.content).toEqual([{ type: 'text', text: ' a a a' }]);
  });

  it('names what only some models know', () => {
    const lost = (body: JsonObject): unknown =>
      parseCompletionRequest({ model: 'm', prompt: 'a', ...body }).chats[0]?.extraParameters;
    expect(lost({ suffix: 'x', best_of: 2, unknown: 1 })).toEqual(['best_of', 'suffix', 'unknown']);
    expect(lost({ suffix: '', best_of: 1, logit_bias: {}, other: null })).toBeUndefined();
  });

  it('begins where nothing was said, when nothing is said', () => {
    expect(parseCompletionRequest({ model: 'm' }).chats[0]?.messages[0]?.content).toEqual([
      { type: 'text', text: '<|endoftext|>' },
    ]);
  });
});

const RESULT: ChatResult = {
  ...{ id: 'x', model: 'real', createdAt: 5, usage: tokenUsage({ input: 3, output: 2 }), warnings: [] },
  choices: [{ index: 0, text: ' yes', reasoning: [{ text: 'Hm' }], toolCalls: [], finishReason: 'tool-calls' }],
};

describe(renderCompletionResults, () => {
  it('says an answer of chat as a completion', () => {
    const reply = renderCompletionResults([RESULT], { choices: 1, echoes: ['Ask:'] });
    checkBody(reply);
    expect(reply).toMatchObject({
      ...{ id: 'cmpl-x', object: 'text_completion', created: 5, model: 'real' },
      choices: [{ text: 'Ask: yes', index: 0, logprobs: null, finish_reason: 'stop' }],
      usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 },
    });
  });

  it('gives the log probabilities of chat in the lists of a completion', () => {
    const top = [{ token: ' yes', logprob: -0.5 }];
    const logprobs = [{ token: ' yes', logprob: -0.5, bytes: null, top_logprobs: top }];
    const choices = RESULT.choices.map((choice) => ({ ...choice, logprobs }));
    const reply = renderCompletionResults([{ ...RESULT, choices }], { choices: 1, echoes: ['Ask:'] });
    checkBody(reply);
    expect((reply.choices as JsonObject[])[0]?.logprobs).toEqual({
      tokens: [' yes'],
      token_logprobs: [-0.5],
      top_logprobs: [{ ' yes': -0.5 }],
      text_offset: [4],
    });
  });

  it("relays the provider's own, with what it left out", () => {
    const value = { id: 'own', created: 9, model: 'their', choices: [{ text: 'a' }], extra: 1 };
    const wire = { dialect: 'openai-completions' as const, value };
    const reply = renderCompletionResults([{ ...RESULT, wire }], { choices: 1, echoes: [''] });
    checkBody(reply);
    expect(reply).toMatchObject({ id: 'own', created: 9, model: 'their', extra: 1, object: 'text_completion' });
  });

  it('counts a usage that is only estimated by our own numbers', () => {
    const wire = { dialect: 'openai-completions' as const, value: { id: 'own', choices: [{ text: 'a' }] } };
    const usage = tokenUsage({ input: 1, output: 1, estimated: true });
    const reply = renderCompletionResults([{ ...RESULT, usage, wire }], { choices: 1, echoes: [''] });
    expect(reply.usage).toMatchObject({ prompt_tokens: 1, completion_tokens: 1 });
  });
});

describe(renderCompletionStream, () => {
  async function* of(events: readonly PromptEvent[]): AsyncGenerator<PromptEvent> {
    for (const event of events) yield await Promise.resolve(event);
  }

  async function render(
    events: readonly ChatEvent[],
    asked: Partial<Parameters<typeof renderCompletionStream>[1]> = {},
  ) {
    const frames: (JsonObject | string)[] = [];
    const told = of(events.map((event) => ({ prompt: 0, event })));
    const wanted = { choices: 1, echoes: [''], includesUsage: false, ...asked };
    for await (const { data } of renderCompletionStream(told, wanted)) {
      frames.push(data === '[DONE]' ? data : (JSON.parse(data) as JsonObject));
    }
    return frames;
  }

  const head = { id: 'cmpl-x', object: 'text_completion', created: 5, model: 'm' };
  const start: ChatEvent = { type: 'response-start', id: 'x', model: 'm', createdAt: 5 };
  const finish: ChatEvent = { type: 'finish', choice: 0, finishReason: 'length' };

  it('tells text alone, the prompt once where it is wanted, and the usage where it was asked for', async () => {
    const usage: ChatEvent = { type: 'usage', usage: tokenUsage({ input: 1, output: 1 }) };
    const thought: ChatEvent = { type: 'reasoning-delta', choice: 0, text: 'Hm' };
    const said = ['a', 'b'].map((text): ChatEvent => ({ type: 'text-delta', choice: 0, text }));
    const frames = await render([start, thought, ...said, finish, usage], { echoes: ['P'], includesUsage: true });
    const part = { index: 0, logprobs: null, finish_reason: null };
    expect(frames).toEqual([
      { ...head, choices: [{ ...part, text: 'Pa' }], usage: null },
      { ...head, choices: [{ ...part, text: 'b' }], usage: null },
      { ...head, choices: [{ ...part, text: '', finish_reason: 'length' }], usage: null },
      expect.objectContaining({ choices: [], usage: expect.objectContaining({ total_tokens: 2 }) as unknown }),
      '[DONE]',
    ]);
  });

  it('tells the prompt of an answer without a word', async () => {
    const [only] = await render([start, finish], { echoes: ['P'] });
    expect(only).toEqual({ ...head, choices: [{ index: 0, text: 'P', logprobs: null, finish_reason: 'length' }] });
  });

  it("relays a provider's own chunks once each, under one id and without a usage that nobody asked for", async () => {
    const chunk = { id: 'own', created: 5, model: 'm', choices: [{ text: 'a', index: 0 }], usage: null, extra: 1 };
    const wire = { dialect: 'openai-completions' as const, value: chunk };
    const text: ChatEvent = { type: 'text-delta', choice: 0, text: 'a', wire };
    const frames = await render([{ ...start, wire }, text, { ...finish }]);
    expect(frames).toHaveLength(3);
    expect(frames[0]).toEqual({
      ...{ ...head, id: 'own', extra: 1 },
      choices: [{ text: 'a', index: 0, logprobs: null, finish_reason: null }],
    });
  });

  it('tells the prompt no second time where another provider goes on', async () => {
    const told = (text: string): ChatEvent => {
      const wire = { dialect: 'openai-completions' as const, value: { id: 'own', choices: [{ text, index: 0 }] } };
      return { type: 'text-delta', choice: 0, text, wire };
    };
    const frames = await render([start, told('P'), told('a'), { type: 'text-delta', choice: 0, text: 'b' }, finish], {
      echoes: ['P'],
    });
    const texts = frames.map((frame) => (typeof frame === 'string' ? null : (frame.choices as JsonObject[])[0]?.text));
    expect(texts).toEqual(['P', 'a', 'b', '', null]);
  });

  it('ends with nothing where the answer breaks off', async () => {
    async function* broken(): AsyncGenerator<PromptEvent> {
      yield await Promise.resolve({ prompt: 0, event: { type: 'text-delta', choice: 0, text: 'a' } });
      throw new Error('broken');
    }
    const seen: string[] = [];
    const reading = (async () => {
      const frames = renderCompletionStream(broken(), { choices: 1, echoes: [''], includesUsage: true });
      for await (const { data } of frames) seen.push(data);
    })();
    await expect(reading).rejects.toThrow('broken');
    expect(seen).toHaveLength(1);
  });
});
