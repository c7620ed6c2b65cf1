import { Injectable } from '@nestjs/common';
import type { CallContext } from '../../core/call-context.js';
import { AppError } from '../../core/errors/app-error.js';
import { invalidCursor } from '../store/conversation-store.js';
import { type MessagePage, MessageStore, type StoredMessage } from '../store/message-store.js';
import { TurnDesk } from '../turns/turn-desk.service.js';
import { type ListOf, listOf } from '../../http/list-of.js';
import type { ConversationMessageDto } from './message.dto.js';
import { ItemReader } from './item-reader.service.js';
import { type ConversationItem, messageIdOf, renderItems, withoutItem } from './render-items.js';
import { renderMessage } from './render-message.js';

/** What was said in a conversation, as messages and as OpenAI's items. Who asks has made sure that it is theirs. */
@Injectable()
export class ConversationItemsService {
  constructor(
    private readonly messages: MessageStore,
    private readonly desk: TurnDesk,
    private readonly reader: ItemReader,
  ) {}

  /** A page of messages. Rejects with `invalid_cursor`. */
  async listMessages(id: string, { limit, order, after }: MessagePage): Promise<ListOf<ConversationMessageDto>> {
    const rows = await this.messages.list(id, { limit: limit + 1, order, after });
    if (!rows) throw invalidCursor();
    return listOf(rows.slice(0, limit).map(renderMessage), rows.length > limit);
  }

  /** A page of items; one message may be several. Rejects with `invalid_cursor`. */
  async list(id: string, { limit, order, after }: MessagePage): Promise<ListOf<ConversationItem>> {
    const start = after === undefined ? undefined : (messageIdOf(after) ?? after);
    // The message of the cursor comes again: some of its items may stand behind it.
    const rows = await this.messages.list(id, { limit: limit + 2, order, after: start, isInclusive: true });
    const items = (rows ?? []).flatMap((row) => (order === 'asc' ? renderItems(row) : renderItems(row).reverse()));
    const position = after === undefined ? -1 : items.findIndex((item) => item.id === after);
    if (!rows || (after !== undefined && position < 0)) throw invalidCursor();
    const behind = items.slice(position + 1);
    return listOf(behind.slice(0, limit), behind.length > limit);
  }

  /** Adds items, as a turn of their own that wants no answer. Rejects with InvalidRequestError and what `append` does. */
  async add(id: string, items: readonly unknown[], call: CallContext): Promise<ListOf<ConversationItem>> {
    const said = this.reader.read(items);
    const { turn } = await this.desk.append(id, said, call);
    const rows = await this.messages.ofTurn(id, turn);
    return listOf(rows.flatMap(renderItems), false);
  }

  /** Rejects with `not_found`. */
  async get(id: string, itemId: string): Promise<ConversationItem> {
    const { item } = await this.#find(id, itemId);
    return item;
  }

  /** Removes an item, and the message with its last one. Rejects with `not_found`. */
  async remove(id: string, itemId: string): Promise<void> {
    const { message, id: messageId } = (await this.#find(id, itemId)).stored;
    const left = message.role === 'assistant' ? withoutItem(message.content, itemId) : [];
    await this.messages.replace(
      id,
      messageId,
      message.role === 'assistant' && left.length > 0 ? { ...message, content: left } : null,
    );
  }

  async #find(id: string, itemId: string): Promise<{ stored: StoredMessage; item: ConversationItem }> {
    const messageId = messageIdOf(itemId);
    const stored = messageId === null ? null : await this.messages.find(id, messageId);
    const item = stored ? renderItems(stored).find((each) => each.id === itemId) : undefined;
    if (!stored || !item) throw new AppError('not_found', 'There is no such item in the conversation.');
    return { stored, item };
  }
}
