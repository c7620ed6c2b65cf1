import { describe, expect, it } from '@jest/globals';
import type { ChatMessage, ChatRequest } from '../../../core/chat/chat-request.js';
import { collectChat } from '../../../core/chat/collect-chat.js';
import { countTokens } from '../../../tokens/count-tokens.js';
import { DEFAULT_TIMEOUTS } from '../../../config/default-timeouts.js';
import type { AttemptContext } from '../../provider-adapter.js';
import { NO_ANSWER_TEXT } from '../../../core/chat/no-answer-text.js';
import { NO_MODEL_TEXT } from './answer-extractively.js';
import { LocalAdapter } from './local.adapter.js';

function attempt(signal = new AbortController().signal): AttemptContext & { warnings: string[] } {
  const warnings: string[] = [];
  return {
    callId: 'req_1',
    signal,
    apiKey: null,
    timeouts: DEFAULT_TIMEOUTS,
    warnings,
    warn: (message) => warnings.push(message),
    maxOutputTokens: null,
    skipped: () => undefined,
    implausibleUsage: () => undefined,
  };
}

function user(...texts: string[]): ChatMessage {
  return { role: 'user', content: texts.map((text) => ({ type: 'text', text })) };
}

function ask(question: string, more: Partial<ChatRequest> = {}): ChatRequest {
  return { model: 'local/extractive', messages: [user(question)], stream: true, ...more };
}

async function answer(request: ChatRequest): Promise<string> {
  const result = await collectChat(new LocalAdapter().chat('extractive', request, attempt()));
  return result.choices[0]?.text ?? '';
}

const DOCUMENTS = [
  { n: 1, source: 'a.md', text: 'Apples grow on trees in the garden. They are picked in autumn.' },
  {
    n: 2,
    source: 'b.md',
    text: '# Lines\n\nA trunk line joins the switchboards. It costs 42 dollars a month to run it.',
  },
];

describe('LocalAdapter chat', () => {
  it('tells what of a request it does not heed', async () => {
    const told = attempt();
    const image: ChatMessage = {
      role: 'user',
      content: [{ type: 'image', source: { kind: 'url', url: 'https://a.test/b' } }],
    };
    const request = ask('Why?', { stop: ['a'], logprobs: true, logitBias: { 1: 1 }, extraParameters: ['verbosity'] });
    await collectChat(new LocalAdapter().chat('extractive', { ...request, messages: [image, user('Why?')] }, told));
    expect(told.warnings).toHaveLength(5);
    expect(told.warnings.join()).toMatch(/images.*`stop`.*`logprobs`.*`logit_bias`.*`verbosity`/);
  });

  it('quotes the best sentence with the number of its source', async () => {
    expect(await answer(ask('What does a trunk line join?', { documents: DOCUMENTS }))).toContain(
      'A trunk line joins the switchboards. [2]',
    );
  });

  it('takes the last part of the last user message as the question', async () => {
    const messages = [user('How do apples grow?', 'What joins the switchboards?')];
    expect(await answer(ask('', { messages, documents: DOCUMENTS }))).toMatch(
      /^A trunk line joins the switchboards\. \[2\]/,
    );
  });

  it('says so when no source shares a word with the question', async () => {
    expect(await answer(ask('Quantum entanglement?', { documents: DOCUMENTS }))).toBe(NO_ANSWER_TEXT);
  });

  it('extracts from the conversation without documents', async () => {
    const messages = [
      user('The meeting with Ada is on Friday at nine. Bring the blue folder.'),
      user('When is the meeting?'),
    ];
    expect(await answer(ask('', { messages }))).toBe('The meeting with Ada is on Friday at nine.');
  });

  it('says that no model is configured when there is nothing to extract from', async () => {
    expect(await answer(ask('Hello'))).toBe(NO_MODEL_TEXT);
  });

  it('gives the same answer every time, with exact usage', async () => {
    const request = ask('What does a trunk line join?', { documents: DOCUMENTS });
    const results = await Promise.all(
      [1, 2].map(() => collectChat(new LocalAdapter().chat('extractive', request, attempt()))),
    );
    expect(results[0]).toEqual(results[1]);
    expect(results[0]?.usage?.output).toBe(countTokens(results[0]?.choices[0]?.text ?? ''));
    expect(results[0]?.choices[0]?.finishReason).toBe('stop');
  });

  it('stops at the output limit', async () => {
    const result = await collectChat(
      new LocalAdapter().chat('extractive', ask('Hello', { maxOutputTokens: 4 }), attempt()),
    );
    expect(result.choices[0]?.finishReason).toBe('length');
    expect(countTokens(result.choices[0]?.text ?? '')).toBeLessThanOrEqual(4);
  });

  it('warns of what it cannot do', async () => {
    const context = attempt();
    await collectChat(new LocalAdapter().chat('extractive', ask('Hello', { tools: [{ name: 'f' }] }), context));
    expect(context.warnings).toHaveLength(1);
  });

  it('ends with `aborted` when it is cancelled', async () => {
    const events = new LocalAdapter().chat('extractive', ask('Hello'), attempt(AbortSignal.abort()));
    await expect(collectChat(events)).rejects.toMatchObject({ name: 'ProviderError', kind: 'aborted' });
  });

  it('reads only the end of a huge message', async () => {
    const far = 'What joins the switchboards is far away, and joins the switchboards.';
    const text = `${far} ${'\u6f22\u5b57\u3002'.repeat(100_000)} A trunk line joins the switchboards. What joins the switchboards?`;
    const said = await answer(ask(text));
    expect(said).toContain('A trunk line joins the switchboards.');
    expect(said).not.toContain('far away');
  });

  it('knows no other model', async () => {
    const events = new LocalAdapter().chat('gpt-5', ask('Hello'), attempt());
    await expect(collectChat(events)).rejects.toMatchObject({ kind: 'model-not-found' });
  });
});

describe('LocalAdapter embeddings', () => {
  it('embeds every input and counts its tokens', async () => {
    const result = await new LocalAdapter().embed('lexical-384', { model: 'x', inputs: ['one text', 'another'] });
    expect(result.vectors.map((vector) => vector.length)).toEqual([384, 384]);
    expect(result.usage.input).toBe(countTokens('one text') + countTokens('another'));
  });

  it('lets others run between many inputs', async () => {
    let turns = 0;
    const timer = setInterval(() => (turns += 1), 1);
    const inputs = Array.from({ length: 400 }, (_, n) => `Text number ${String(n)} has words. `.repeat(60));
    const result = await new LocalAdapter().embed('lexical-384', { model: 'x', inputs });
    clearInterval(timer);
    expect(result.vectors).toHaveLength(400);
    expect(turns).toBeGreaterThan(1);
  });

  it.each([
    ['another model', 'other', {}, 'model-not-found'],
    ['other dimensions', 'lexical-384', { dimensions: 10 }, 'invalid-request'],
    ['token numbers', 'lexical-384', { inputs: [[1, 2]] }, 'invalid-request'],
  ])('refuses %s', async (_name, model, more, kind) => {
    await expect(new LocalAdapter().embed(model, { model: 'x', inputs: ['a'], ...more })).rejects.toMatchObject({
      kind,
    });
  });
});
