import { Injectable } from '@nestjs/common';
import type { CallContext } from '../core/call-context.js';
import type { ChatEvent } from '../core/chat/chat-event.js';
import type { ChatMessage, ChatRequest } from '../core/chat/chat-request.js';
import { conversationNotFound, isConversationId } from './conversation-id.js';
import { type ConversationHead, type HistoryMessage, HistoryReader } from './store/history-reader.js';
import type { OpenTurn } from './turns/open-turn.js';
import { RecordedEvents, type Recorder } from './turns/recorded-events.js';
import { splitSystem } from './split-system.js';
import { type Said, TurnDesk } from './turns/turn-desk.service.js';
import type { TurnMessage } from './turns/turn-message.js';
import { PromptWindow } from './window/prompt-window.service.js';

/** A request that may belong to a conversation. */
export interface ConversationRequest {
  readonly chat: ChatRequest;
  /** The conversation that it goes on with; undefined begins a new one, if it is stored. */
  readonly conversationId?: string;
  readonly store: boolean;
}

/** What somebody said, as far as it was text. */
export interface TextMessage {
  readonly role: 'user' | 'assistant';
  readonly content: string;
}

/** A turn of texts, and those before it, oldest first. */
export interface TextTurn {
  readonly turn: Recorder & Pick<OpenTurn, 'fail'>;
  readonly history: TextMessage[];
}

const MOST_TEXTS = 50;
const LONGEST_TEXT = 20_000;

/** Sends the request on, with all that the model is to be told. */
type Ask = (chat: ChatRequest) => Promise<AsyncIterable<ChatEvent>>;

/** Answers requests within conversations: with what was said before, and kept for what comes after. */
@Injectable()
export class ConversationsService {
  constructor(
    private readonly reader: HistoryReader,
    private readonly desk: TurnDesk,
    private readonly window: PromptWindow,
  ) {}

  /**
   * Resolves and rejects as `ask` does, and with `not_found`, `context_length_exceeded`, `invalid_state`,
   * `invalid_tool_sequence` and `request_too_large`. The call then knows its conversation. What is said is stored before
   * `ask` is called, the answer before the end of its events is passed on.
   */
  async answer(request: ConversationRequest, call: CallContext, ask: Ask): Promise<AsyncIterable<ChatEvent>> {
    const { chat, conversationId, store } = request;
    if (conversationId === undefined && !store) return ask(chat);
    const head = conversationId === undefined ? null : await this.requireHead(conversationId, call);
    const said = splitSystem(chat.messages);
    const full = withSystem(chat, said, head);
    const room = this.window.requireRoom(full);
    if (head) call.conversationId = head.id;
    const turn = store ? await this.desk.begin(head?.id ?? null, said, call) : null;
    return this.#recorded(turn, async () => {
      if (!head) return ask(chat);
      const beforeTurn = turn?.place.turn ?? head.lastTurn + 1;
      return ask(await this.window.fit(full, { head, beforeTurn, room }, call));
    });
  }

  /**
   * Begins a turn whose answer somebody else makes from texts alone. Rejects as `answer` does, but for the window of the
   * model. Whoever begins it ends it.
   */
  async beginTextTurn(conversationId: string, question: string, call: CallContext): Promise<TextTurn> {
    const head = await this.requireHead(conversationId, call);
    const messages: TurnMessage[] = [{ role: 'user', content: [{ type: 'text', text: question }] }];
    call.conversationId = head.id;
    const turn = await this.desk.begin(head.id, { system: null, messages }, call);
    try {
      return { turn, history: toTexts(await this.reader.readMessages(head.id, turn.place.turn)) };
    } catch (error) {
      await turn.fail(error);
      throw error;
    }
  }

  /** The conversation of the caller's project. Rejects with `not_found`. */
  async requireHead(conversationId: string, call: CallContext): Promise<ConversationHead> {
    const { projectId } = call.principal;
    const head = isConversationId(conversationId) ? await this.reader.findHead(projectId, conversationId) : null;
    if (!head) throw conversationNotFound();
    return head;
  }

  async #recorded(turn: OpenTurn | null, ask: () => ReturnType<Ask>): ReturnType<Ask> {
    if (!turn) return ask();
    try {
      return new RecordedEvents(await ask(), turn);
    } catch (error) {
      await turn.fail(error);
      throw error;
    }
  }
}

// A new conversation is told as it came.
function withSystem(chat: ChatRequest, { system, messages }: Said, head: ConversationHead | null): ChatRequest {
  if (!head) return chat;
  const text = system ?? head.system;
  const before: ChatMessage[] = text === null ? [] : [{ role: 'system', content: [{ type: 'text', text }] }];
  return { ...chat, messages: [...before, ...messages] };
}

function toTexts(messages: readonly HistoryMessage[]): TextMessage[] {
  const texts = messages.flatMap(({ message }): TextMessage[] => {
    if (message.role === 'tool') return [];
    const parts: { type: string; text?: string }[] = message.content;
    const text = parts.map((part) => (part.type === 'text' ? (part.text ?? '') : '')).join('');
    return text.trim() === '' ? [] : [{ role: message.role, content: text.slice(0, LONGEST_TEXT).toWellFormed() }];
  });
  return texts.slice(-MOST_TEXTS);
}
