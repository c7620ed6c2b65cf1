import { Injectable } from '@nestjs/common';
import type { ProviderType } from '../../config/gateway-config.js';
import type { CallContext } from '../../core/call-context.js';
import type { ChatEvent } from '../../core/chat/chat-event.js';
import type { ChatRequest } from '../../core/chat/chat-request.js';
import { ProviderRegistry } from '../../providers/provider-registry.js';
import { MOST_IDS, ProviderStateLookup } from './provider-state-lookup.js';
import { ProviderStateMemory } from './provider-state-memory.js';
import { isStorableId } from './provider-state-store.js';
import { ProviderStateWriter } from './provider-state-writer.service.js';
import { bareCalls, putBack } from './put-back.js';
import { StateCollector } from './state-collector.js';
import { WatchedEvents } from './watched-events.js';

/** Providers that sign what they want back. */
const SIGNING: ReadonlySet<ProviderType> = new Set<ProviderType>(['anthropic', 'gemini', 'vertex']);

/** What is done for one request whose tools may carry a provider's state. */
export interface StateKeeping {
  /** The request with all state back that its client dropped. Never rejects. */
  restore(): Promise<ChatRequest>;
  /** The same events; what is signed in them is remembered. */
  watch(events: AsyncIterable<ChatEvent>): AsyncIterable<ChatEvent>;
}

/**
 * Remembers what providers sign (thinking, tool calls) for clients that drop it, mostly for want of a place: by the ids of the tool
 * calls, for one project and never across, on every replica that shares the database.
 */
@Injectable()
export class ProviderStateService {
  constructor(
    private readonly providers: ProviderRegistry,
    private readonly memory: ProviderStateMemory,
    private readonly lookup: ProviderStateLookup,
    private readonly writer: ProviderStateWriter,
  ) {}

  /** Null for a request that needs none of it: no tools, or no provider that signs. */
  keepingOf(request: ChatRequest, call: CallContext): StateKeeping | null {
    const offersTools = request.tools !== undefined && request.tools.length > 0;
    if (!offersTools && !standsAtCalls(request)) return null;
    if (!call.isAuthenticated || !this.#mayBeSigned(request)) return null;
    const { projectId } = call.principal;
    return {
      restore: () => this.#restore(request, projectId),
      watch: (events) => (offersTools ? this.#watch(events, projectId) : events),
    };
  }

  #mayBeSigned({ model }: ChatRequest): boolean {
    const { targets } = this.providers.resolve(model);
    return targets.some(({ providerType }) => SIGNING.has(providerType)) || this.providers.sealsThoughts(model);
  }

  async #restore(request: ChatRequest, projectId: string): Promise<ChatRequest> {
    if (!request.messages.some((message) => bareCalls(message).length > 0)) return request;
    const unknown = this.#unknownIds(request, projectId, 0);
    const last = request.messages.findLastIndex((message) => message.role === 'assistant');
    if (unknown.length > 0 && this.#unknownIds(request, projectId, last).length > 0) {
      await this.#learn(projectId, unknown.slice(-MOST_IDS));
    }
    const messages = putBack(request.messages, (callId) => this.memory.get(projectId, callId));
    return { ...request, messages };
  }

  #unknownIds({ messages }: ChatRequest, projectId: string, from: number): string[] {
    return messages.slice(Math.max(0, from)).flatMap((message) =>
      bareCalls(message)
        .map(({ id }) => id)
        .filter((id) => isStorableId(id) && this.memory.get(projectId, id) === undefined),
    );
  }

  async #learn(projectId: string, callIds: readonly string[]): Promise<void> {
    const found = await this.lookup.find(projectId, callIds);
    if (!found) return;
    for (const callId of callIds) {
      const state = found.get(callId);
      if (state) this.memory.set(projectId, callId, state);
      else this.memory.setAbsent(projectId, callId);
    }
  }

  #watch(events: AsyncIterable<ChatEvent>, projectId: string): AsyncIterable<ChatEvent> {
    const collector = new StateCollector((callId, state) => {
      const isKept = this.memory.set(projectId, callId, state);
      if (isKept && state) this.writer.write({ projectId, callId, state });
    });
    return new WatchedEvents(events, (event) => {
      collector.add(event);
    });
  }
}

// Most requests have no tools at all: a look at the end of the conversation tells.
function standsAtCalls({ messages }: ChatRequest): boolean {
  const last = messages.findLast((message) => message.role === 'assistant');
  return last !== undefined && bareCalls(last).length > 0;
}
