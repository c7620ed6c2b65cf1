import { describe, expect, it } from '@jest/globals';
import type { GatewayConfig } from '../config/gateway-config.js';
import { CallContext } from '../core/call-context.js';
import type { ChatEvent } from '../core/chat/chat-event.js';
import type { ChatRequest } from '../core/chat/chat-request.js';
import { AppError } from '../core/errors/app-error.js';
import type { ProviderRegistry } from '../providers/provider-registry.js';
import type { UsageMeter } from '../usage/usage-meter.js';
import { ChatService } from './chat.service.js';
import type { ProviderStateService } from './provider-state/provider-state.service.js';

const WATCHED: ChatEvent[] = [];
const FAILURE = new AppError('upstream_unreachable', 'Nobody is there.');

function setUp(): { service: ChatService; steps: string[] } {
  const steps: string[] = [];
  const gateway = { defaults: { chat: 'smart', embeddings: 'vectors' } };
  const meter = {
    admitChat: async (request: ChatRequest) => {
      steps.push(`admit ${request.model}`);
      return {
        request,
        meter: (events: AsyncIterable<ChatEvent>) => events,
        fail: (error: unknown) => steps.push(error === FAILURE ? 'failed' : 'failed otherwise'),
      };
    },
  };
  const providers = {
    chat: async (request: ChatRequest) => {
      steps.push(`chat ${request.model}`);
      if (request.model === 'refuses') throw FAILURE;
      return [];
    },
  };
  const states = {
    keepingOf: ({ model }: ChatRequest) =>
      model === 'stateful'
        ? {
            restore: async () => {
              steps.push('restore');
              return request('restored');
            },
            watch: () => WATCHED,
          }
        : null,
  };
  const service = new ChatService(
    gateway as unknown as GatewayConfig,
    meter as unknown as UsageMeter,
    providers as unknown as ProviderRegistry,
    states as unknown as ProviderStateService,
    { list: [] },
  );
  return { service, steps };
}

function request(model: string): ChatRequest {
  return { model, messages: [], stream: false };
}

describe('ChatService', () => {
  it.each([
    ['', 'smart'],
    ['lab/llama', 'lab/llama'],
  ])('admits %j as %s before it asks a provider', async (named, meant) => {
    const { service, steps } = setUp();
    const call = new CallContext({ id: 'req_1', surface: 'native', receivedAt: 0 });
    await service.answer(request(named), call);
    expect(steps).toEqual([`admit ${meant}`, `chat ${meant}`]);
    expect(call.requestedModel).toBe(meant);
  });

  it('puts state back once the request is admitted, and watches the answer', async () => {
    const { service, steps } = setUp();
    const call = new CallContext({ id: 'req_1', surface: 'native', receivedAt: 0 });
    expect(await service.answer(request('stateful'), call)).toBe(WATCHED);
    expect(steps).toEqual(['admit stateful', 'restore', 'chat restored']);
  });

  it('tells the meter why no answer came', async () => {
    const { service, steps } = setUp();
    const call = new CallContext({ id: 'req_1', surface: 'native', receivedAt: 0 });
    await expect(service.answer(request('refuses'), call)).rejects.toBe(FAILURE);
    expect(steps.at(-1)).toBe('failed');
  });
});
