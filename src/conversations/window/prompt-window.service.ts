import { Injectable } from '@nestjs/common';
import { ChatModels, type PromptRoom } from '../../chat/chat-models.js';
import { GatewayConfig } from '../../config/gateway-config.js';
import type { CallContext } from '../../core/call-context.js';
import type { ChatMessage, ChatRequest } from '../../core/chat/chat-request.js';
import { boundChatTokens, countChatTokens } from '../../tokens/count-tokens.js';
import { type ConversationHead, HistoryReader, type HistoryMessage } from '../store/history-reader.js';
import { countMessageTokens } from '../turns/turn-message.js';
import { countFitting, type Exchange, toExchanges, tooLong } from './fit-history.js';
import { settleToolCalls } from './settle-tool-calls.js';
import { Summaries } from './summaries.service.js';
import { toToldMessage } from './to-told-message.js';

/** A message as it would be told to a model. */
export interface Told {
  readonly turn: number;
  readonly role: ChatMessage['role'];
  readonly message: ChatMessage;
  readonly tokens: number;
}

/** What of an exchange's past a model is told. */
interface Choice {
  readonly exchanges: readonly Exchange<Told>[];
  readonly summary: string | null;
}

/** After a summary was made this share of the room is free for what comes: the next one is not made with the next turn. */
const FREE_SHARE = 0.5;

/** Makes of a conversation and what is said now the request that the window of the model has room for. */
@Injectable()
export class PromptWindow {
  readonly #summaryTokens: number;

  constructor(
    private readonly models: ChatModels,
    private readonly reader: HistoryReader,
    private readonly summaries: Summaries,
    gateway: GatewayConfig,
  ) {
    this.#summaryTokens = gateway.conversations.summary?.maxTokens ?? 0;
  }

  /** Throws `model_not_found`, and `context_length_exceeded` for what no target of the model has room for even alone. */
  requireRoom(chat: ChatRequest): PromptRoom {
    const room = this.models.roomOf(chat.model, {
      answerTokens: chat.maxOutputTokens,
      hasTools: (chat.tools?.length ?? 0) > 0,
    });
    // A glance is enough for nearly all of them.
    if (boundChatTokens(chat) <= room.mostTokens) return room;
    const tokens = countChatTokens(chat);
    if (tokens > room.mostTokens) throw tooLong(tokens, room.mostTokens);
    return room;
  }

  /**
   * The request with as much of the turns before `beforeTurn` as the window holds. The system text is always there, whole
   * exchanges from the newest backwards, and no tool call without its result.
   */
  async fit(
    chat: ChatRequest,
    { head, beforeTurn, room }: { head: ConversationHead; beforeTurn: number; room: PromptRoom },
    call: CallContext,
  ): Promise<ChatRequest> {
    const system = chat.messages.filter(({ role }) => role === 'system');
    const now = chat.messages.filter(({ role }) => role !== 'system');
    const history = await this.reader.readMessages(head.id, beforeTurn);
    const exchanges = toExchanges(toldMessages(history, now));
    const left = room.promptTokens - countChatTokens({ ...chat, messages: system });
    const choice = await this.#choose(exchanges, left, head, call);
    warnOfOmissions(exchanges, choice, call);
    const told = choice.exchanges.flatMap(({ messages }) => messages.map(({ message }) => message));
    const summary = choice.summary === null ? [] : [this.summaries.toMessage(choice.summary)];
    return { ...chat, messages: [...system, ...summary, ...told] };
  }

  async #choose(
    exchanges: readonly Exchange<Told>[],
    room: number,
    head: ConversationHead,
    call: CallContext,
  ): Promise<Choice> {
    if (countFitting(exchanges, room) === exchanges.length) return { exchanges, summary: null };
    const known = this.#withSummary(exchanges, room, head.summary, head.summaryUntil);
    if (known.isWhole) return known;
    if (!this.summaries.areMade) return known;
    const until = untilOf(exchanges, room - this.#summaryTokens);
    if (until <= head.summaryUntil) return known;
    const fallen = exchanges.filter((exchange) => !exchange.isCurrent && exchange.lastTurn <= until);
    const told = fallen.flatMap(({ messages }) => messages).filter(({ turn }) => turn > head.summaryUntil);
    const summary = await this.summaries.make({ head, until, messages: told.map(({ message }) => message) }, call);
    return summary === null ? known : this.#withSummary(exchanges, room, summary, until);
  }

  /** As many of the newest exchanges as have room beside a summary, which stands for all up to a turn. */
  #withSummary(
    exchanges: readonly Exchange<Told>[],
    room: number,
    summary: string | null,
    until: number,
  ): Choice & { isWhole: boolean } {
    const after = summary === null ? exchanges : exchanges.filter((each) => each.isCurrent || each.lastTurn > until);
    const left = summary === null ? room : room - countMessageTokens(this.summaries.toMessage(summary));
    const kept = countFitting(after, left);
    return { exchanges: after.slice(after.length - kept), summary, isWhole: summary !== null && kept === after.length };
  }
}

function toldMessages(history: readonly HistoryMessage[], now: readonly ChatMessage[]): Told[] {
  const before = history.flatMap(({ turn, message, tokens }) => {
    const told = toToldMessage(message);
    return told === null ? [] : [{ source: { turn, tokens }, message: told }];
  });
  const current = now.map((message) => ({
    source: { turn: Infinity, tokens: countMessageTokens(message) },
    message,
  }));
  const settled = settleToolCalls([...before, ...current], ({ turn }, message) => ({
    source: { turn, tokens: countMessageTokens(message) },
    message,
  }));
  return settled.map(({ source, message }) => ({ ...source, role: message.role, message }));
}

/** The last turn that a new summary stands for: all before the exchanges that are still told word for word. */
function untilOf(exchanges: readonly Exchange<Told>[], room: number): number {
  const current = exchanges.filter(({ isCurrent }) => isCurrent).length;
  // The newest one is told whole if there is room for it at all.
  const least = Math.min(current + 1, countFitting(exchanges, room));
  const count = Math.max(least, countFitting(exchanges, room * (1 - FREE_SHARE)));
  const kept = exchanges.slice(exchanges.length - count);
  const first = Math.min(...kept.flatMap(({ messages }) => messages.map(({ turn }) => turn)));
  const last = Math.max(0, ...exchanges.map(({ lastTurn }) => lastTurn));
  return first === Infinity ? last : first - 1;
}

function warnOfOmissions(exchanges: readonly Exchange<Told>[], choice: Choice, call: CallContext): void {
  const all = exchanges.reduce((sum, { messages }) => sum + messages.length, 0);
  const told = choice.exchanges.reduce((sum, { messages }) => sum + messages.length, 0);
  if (all === told) return;
  const stead = choice.summary === null ? '' : ' A summary stands for them.';
  call.warnings.push(
    `The context window of the model had no room for ${String(all - told)} of the earlier messages.${stead}`,
  );
}
