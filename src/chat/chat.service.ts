import { Injectable } from '@nestjs/common';
import { GatewayConfig } from '../config/gateway-config.js';
import type { CallContext } from '../core/call-context.js';
import type { ChatEvent } from '../core/chat/chat-event.js';
import type { ChatRequest } from '../core/chat/chat-request.js';
import { ProviderRegistry } from '../providers/provider-registry.js';
import { UsageMeter } from '../usage/usage-meter.js';
import { type AnswerChat, composeLayers } from './chat-layer.js';
import { ChatLayers } from './chat-layers.js';
import { ProviderStateService } from './provider-state/provider-state.service.js';

/** Answers chat requests, whichever route or feature they come from: admitted, routed, metered. */
@Injectable()
export class ChatService {
  readonly #answer: AnswerChat;

  constructor(
    private readonly gateway: GatewayConfig,
    private readonly meter: UsageMeter,
    private readonly providers: ProviderRegistry,
    private readonly states: ProviderStateService,
    layers: ChatLayers,
  ) {
    this.#answer = composeLayers(layers.list, this.#send);
  }

  /**
   * Resolves at the first content of the answer; an empty model means the default one. Rejects with AppError, and so do
   * the events when the answer breaks off later.
   */
  answer(request: ChatRequest, call: CallContext): Promise<AsyncIterable<ChatEvent>> {
    const named = request.model === '' ? { ...request, model: this.gateway.defaults.chat } : request;
    call.requestedModel = named.model;
    return this.#answer(named, call);
  }

  readonly #send: AnswerChat = async (named, call) => {
    const meter = await this.meter.admitChat(named, call);
    try {
      const state = this.states.keepingOf(meter.request, call);
      if (!state) return meter.meter(await this.providers.chat(meter.request, call));
      return state.watch(meter.meter(await this.providers.chat(await state.restore(), call)));
    } catch (error) {
      meter.fail(error);
      throw error;
    }
  };
}
