import { describe, expect, it } from '@jest/globals';
import type { ChatEvent } from '../../core/chat/chat-event.js';
import { tokenUsage } from '../../core/chat/token-usage.js';
import { Admission } from './admission.js';
import type { Ask } from './ask.js';
import { FREE_PASS } from './grant.js';
import { MeteredEvents } from './metered-events.js';

const PROMPT: ChatEvent = { type: 'usage', usage: tokenUsage({ input: 3, cachedInput: 90, estimated: true }) };
const TEXT: ChatEvent = { type: 'text-delta', choice: 0, text: 'hello' };
const WHOLE: ChatEvent = { type: 'usage', usage: tokenUsage({ input: 3, cachedInput: 90, output: 7 }) };

async function metered(...given: ChatEvent[]): Promise<ChatEvent[]> {
  async function* source(): AsyncIterable<ChatEvent> {
    for (const event of given) yield await Promise.resolve(event);
  }
  const ask = { promptTokens: () => 50 } as unknown as Ask;
  const admission = new Admission(ask, FREE_PASS, 0);
  const events: ChatEvent[] = [];
  for await (const event of new MeteredEvents(source(), admission, () => undefined)) events.push(event);
  return events;
}

describe('MeteredEvents', () => {
  it('F33: gives the client the whole usage, and none of the prompt alone', async () => {
    expect(await metered(PROMPT, TEXT, WHOLE)).toEqual([TEXT, WHOLE]);
  });

  it('F31: counts the answer beside what the provider told of its prompt', async () => {
    const usage = tokenUsage({ input: 3, cachedInput: 90, output: 1, estimated: true });
    expect(await metered(PROMPT, TEXT)).toEqual([TEXT, { type: 'usage', usage }]);
  });

  it('F31: counts everything where the provider told nothing', async () => {
    const usage = tokenUsage({ input: 50, output: 1, estimated: true });
    expect(await metered(TEXT)).toEqual([TEXT, { type: 'usage', usage }]);
  });
});
