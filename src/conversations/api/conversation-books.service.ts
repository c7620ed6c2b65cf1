import { Injectable } from '@nestjs/common';
import type { CallContext } from '../../core/call-context.js';
import { InvalidRequestError } from '../../core/errors/app-error.js';
import { newId } from '../../core/ids.js';
import { listOf } from '../../http/list-of.js';
import type { ListQueryDto } from '../../http/list-query.dto.js';
import { conversationNotFound } from '../conversation-id.js';
import { type ConversationChange, type ConversationRow, ConversationStore } from '../store/conversation-store.js';
import { TurnDesk } from '../turns/turn-desk.service.js';
import { checkMetadata } from './check-metadata.js';
import {
  type ConversationListDto,
  type CreateConversationDto,
  toConversationDto,
  type UpdateConversationDto,
} from './conversation.dto.js';
import { ItemReader } from './item-reader.service.js';

/** The conversations of the caller's project: begun, listed, renamed and removed. */
@Injectable()
export class ConversationBooks {
  constructor(
    private readonly store: ConversationStore,
    private readonly desk: TurnDesk,
    private readonly reader: ItemReader,
  ) {}

  /** Rejects with InvalidRequestError; then nothing is begun. */
  async create({ title, metadata, items }: CreateConversationDto, call: CallContext): Promise<ConversationRow> {
    if (metadata) checkMetadata(metadata);
    const said = this.reader.read(items ?? []);
    const { projectId } = call.principal;
    const row = await this.store.insert(newId('conv_'), projectId, { title, metadata: metadata ?? {} });
    if (said.messages.length === 0 && said.system === null) return row;
    try {
      await this.desk.append(row.id, said, call);
    } catch (error) {
      await this.store.remove(projectId, row.id);
      throw error;
    }
    return this.require(row.id, call);
  }

  /** Rejects with `invalid_cursor`. */
  async list({ limit, after }: ListQueryDto, call: CallContext): Promise<ConversationListDto> {
    const rows = await this.store.list(call.principal.projectId, { limit, after });
    return listOf(rows.slice(0, limit).map(toConversationDto), rows.length > limit);
  }

  /** Rejects with `not_found`. */
  async require(id: string, call: CallContext): Promise<ConversationRow> {
    const row = await this.store.find(call.principal.projectId, id);
    if (!row) throw conversationNotFound();
    return row;
  }

  /** Rejects with `not_found` and InvalidRequestError. */
  async update(id: string, { title, metadata }: UpdateConversationDto, call: CallContext): Promise<ConversationRow> {
    if (title === undefined && metadata === undefined) {
      await this.require(id, call);
      throw new InvalidRequestError('missing_required_parameter', 'Send `title` or `metadata`.', { param: 'title' });
    }
    if (metadata) checkMetadata(metadata);
    const change: ConversationChange = { title };
    if (metadata !== undefined) change.metadata = metadata ?? {};
    const row = await this.store.update(call.principal.projectId, id, change);
    if (!row) throw conversationNotFound();
    return row;
  }

  /** Rejects with `not_found`. */
  async remove(id: string, call: CallContext): Promise<void> {
    if (!(await this.store.remove(call.principal.projectId, id))) throw conversationNotFound();
  }
}
