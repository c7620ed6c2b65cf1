import { describe, expect, it } from '@jest/globals';
import { FakeClock } from '../../../test/support/fake-clock.js';
import type { ProviderType } from '../../config/gateway-config.js';
import { CallContext } from '../../core/call-context.js';
import { UNLIMITED } from '../../core/principal.js';
import type { ChatEvent } from '../../core/chat/chat-event.js';
import type { ChatMessage, ChatRequest } from '../../core/chat/chat-request.js';
import type { ProviderRegistry } from '../../providers/provider-registry.js';
import type { ProviderStateLookup } from './provider-state-lookup.js';
import { ProviderStateMemory } from './provider-state-memory.js';
import { ProviderStateService } from './provider-state.service.js';
import type { ProviderStateWriter } from './provider-state-writer.service.js';
import type { ToolCallState } from './tool-call-state.js';

const SIGNED: ChatEvent[] = [
  { type: 'reasoning-delta', choice: 0, text: 'Hm', signature: 's', signedBy: 'anthropic' },
  { type: 'tool-call-start', choice: 0, index: 0, id: 'a', name: 'f' },
  { type: 'tool-call-start', choice: 0, index: 1, id: 'b', name: 'f' },
];
const STATE: ToolCallState = {
  name: 'f',
  thoughts: [{ text: 'Hm', signature: 's', signedBy: 'anthropic', afterText: false }],
};

async function setUp(...types: ProviderType[]): Promise<{
  service: ProviderStateService;
  rows: string[];
  lookups: string[];
  shared: Map<string, ToolCallState>;
}> {
  const rows: string[] = [];
  const lookups: string[] = [];
  const shared = new Map<string, ToolCallState>();
  const clock = new FakeClock();
  await clock.advance(1);
  const targets = types.map((providerType) => ({ provider: 'x', providerType, model: 'm' }));
  const find = (projectId: string, ids: readonly string[]): Promise<Map<string, ToolCallState>> => {
    lookups.push(`${projectId}: ${ids.join()}`);
    return Promise.resolve(shared);
  };
  const write = ({ projectId, callId }: { projectId: string; callId: string }): void => {
    rows.push(`${projectId}: ${callId}`);
  };
  const service = new ProviderStateService(
    { resolve: () => ({ name: 'm', targets }), sealsThoughts: () => false } as unknown as ProviderRegistry,
    new ProviderStateMemory(clock),
    { find } as unknown as ProviderStateLookup,
    { write } as unknown as ProviderStateWriter,
  );
  return { service, rows, lookups, shared };
}

function callOf(projectId = 'p1'): CallContext {
  const principal = { keyId: 'k', projectId, scopes: [], ...UNLIMITED };
  return new CallContext({ id: 'r', surface: 'openai', receivedAt: 0, principal });
}

function history(...ids: string[]): ChatMessage[] {
  return ids.flatMap((id): ChatMessage[] => [
    { role: 'assistant', content: [{ type: 'tool-call', id, name: 'f', arguments: '{}' }] },
    { role: 'tool', toolCallId: id, content: [] },
  ]);
}

function request(rest: Partial<ChatRequest> = {}): ChatRequest {
  return { model: 'm', stream: true, messages: [], tools: [{ name: 'f' }], ...rest };
}

async function thoughtsIn(service: ProviderStateService, messages: ChatMessage[], projectId?: string): Promise<number> {
  const keeping = service.keepingOf(request({ messages }), callOf(projectId));
  const restored = await keeping?.restore();
  const parts: readonly { type: string }[] =
    restored?.messages.flatMap(({ content }): { type: string }[] => content) ?? [];
  return parts.filter(({ type }) => type === 'reasoning').length;
}

async function answer(service: ProviderStateService, events: ChatEvent[]): Promise<void> {
  async function* source(): AsyncIterable<ChatEvent> {
    for (const event of events) yield await Promise.resolve(event);
  }
  const watched = service.keepingOf(request(), callOf())?.watch(source());
  for await (const event of watched ?? []) expect(events).toContain(event);
}

describe(ProviderStateService.name, () => {
  it.each<[string, ProviderType[], Partial<ChatRequest>, boolean]>([
    ['a request with tools for a provider that signs', ['openai', 'anthropic'], {}, true],
    ['one that stands at the results of tools', ['gemini'], { tools: undefined, messages: history('a') }, true],
    ['one without tools', ['anthropic'], { tools: undefined }, false],
    ['one with an empty list of them', ['anthropic'], { tools: [] }, false],
    ['one for providers that sign nothing', ['openai', 'local'], {}, false],
    ["one in Anthropic's own words", ['anthropic'], { source: { dialect: 'anthropic-messages', body: {} } }, true],
  ])('keeps state for %s: %j', async (_what, types, rest, isKept) => {
    const { service } = await setUp(...types);
    expect(service.keepingOf(request(rest), callOf()) !== null).toBe(isKept);
  });

  it('puts back what it saw, for the project that it was for, without asking the database', async () => {
    const { service, rows, lookups } = await setUp('anthropic');
    await answer(service, SIGNED);
    expect(rows).toEqual(['p1: a']);
    expect(await thoughtsIn(service, history('a'))).toBe(1);
    expect(await thoughtsIn(service, history('b'))).toBe(0);
    expect(lookups).toEqual([]);
    expect(await thoughtsIn(service, history('a'), 'p2')).toBe(0);
    expect(lookups).toEqual(['p2: a']);
  });

  it('neither asks for ids that cannot be in the table nor remembers them', async () => {
    const { service, lookups } = await setUp('anthropic');
    const huge = 'x'.repeat(1_000_000);
    expect(await thoughtsIn(service, history(huge, 'a\0', '\ud83d'))).toBe(0);
    expect(lookups).toEqual([]);
    expect(await thoughtsIn(service, history(huge, 'y'))).toBe(0);
    expect(lookups).toEqual(['p1: y']);
  });

  it('asks for the last calls of very many, and says nothing of the others', async () => {
    const { service, lookups, shared } = await setUp('anthropic');
    const ids = Array.from({ length: 300 }, (_, n) => `c${String(n)}`);
    await thoughtsIn(service, history(...ids));
    expect(lookups[0]?.split(',')).toHaveLength(200);
    shared.set('c0', STATE);
    expect(await thoughtsIn(service, history('c0'))).toBe(1);
  });

  it('asks the database once, when the last turn is not known here, for all that is not', async () => {
    const { service, lookups, shared } = await setUp('anthropic');
    shared.set('x', STATE).set('z', STATE);
    expect(await thoughtsIn(service, history('x', 'y', 'z'))).toBe(2);
    expect(await thoughtsIn(service, history('x', 'y', 'z'))).toBe(2);
    expect(lookups).toEqual(['p1: x,y,z']);
    expect(await thoughtsIn(service, history('w', 'z'))).toBe(1);
    expect(lookups).toHaveLength(1);
  });
});
