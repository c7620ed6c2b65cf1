import { Injectable } from '@nestjs/common';
import { ChatService } from '../../chat/chat.service.js';
import { GatewayConfig } from '../../config/gateway-config.js';
import type { SummaryConfig } from '../../config/conversations-config.js';
import type { CallContext } from '../../core/call-context.js';
import { ChatCollector } from '../../core/chat/collect-chat.js';
import type { ChatMessage, ChatRequest } from '../../core/chat/chat-request.js';
import { Clock } from '../../core/clock.js';
import { within } from '../../core/within.js';
import { type ConversationHead, HistoryReader } from '../store/history-reader.js';
import { assembleSummary, readSummary, toSummaryMessage } from './assemble-summary.js';

/** A piece of a conversation that falls out of the window. */
export interface Stretch {
  readonly head: ConversationHead;
  /** The last turn of it. */
  readonly until: number;
  readonly messages: readonly ChatMessage[];
}

/** Has a model sum up what has no room in the window of another any more; once for each stretch. */
@Injectable()
export class Summaries {
  readonly #config: SummaryConfig | null;
  readonly #running = new Map<string, Promise<string | null>>();

  constructor(
    private readonly chat: ChatService,
    private readonly reader: HistoryReader,
    private readonly clock: Clock,
    gateway: GatewayConfig,
  ) {
    this.#config = gateway.conversations.summary;
  }

  get areMade(): boolean {
    return this.#config !== null;
  }

  /** What a model is told in the place of the messages. */
  toMessage(summary: string): ChatMessage {
    return toSummaryMessage(summary);
  }

  /** The summary of all up to the end of the stretch, kept with the conversation; null when none could be had. Never rejects. */
  async make(stretch: Stretch, call: CallContext): Promise<string | null> {
    const { head, until } = stretch;
    const key = `${head.id} ${String(until)}`;
    const known = this.#running.get(key);
    if (known) return known;
    const making = this.#make(stretch, call).finally(() => this.#running.delete(key));
    this.#running.set(key, making);
    return making;
  }

  async #make({ head, until, messages }: Stretch, call: CallContext): Promise<string | null> {
    const config = this.#config;
    if (!config) return null;
    const stop = { isTooLate: false };
    try {
      const request = assembleSummary(config, head.summary, messages);
      const summary = await within(this.#ask(request, call, stop), config.maxWaitMs, this.clock);
      if (summary !== null) await this.reader.keepSummary(head.id, summary, until);
      return summary;
    } catch {
      return null;
    } finally {
      stop.isTooLate = true;
      // Who summed up did not answer.
      call.setAside();
    }
  }

  async #ask(request: ChatRequest, call: CallContext, stop: { readonly isTooLate: boolean }): Promise<string | null> {
    // Its own request and the answer's are on one bill.
    call.hasSteps = true;
    const collector = new ChatCollector();
    for await (const event of await this.chat.answer(request, call)) {
      if (stop.isTooLate) return null;
      collector.add(event);
    }
    return readSummary(collector.result());
  }
}
