import { ApiProperty } from '@nestjs/swagger';
import { IsArray, IsIn, IsObject, IsOptional, IsString, Length } from 'class-validator';
import type { JsonObject } from '../../core/json.js';
import { ListQueryDto } from '../../http/list-query.dto.js';
import { schemaReference } from '../../http/schema-reference.js';
import type { ConversationRow } from '../store/conversation-store.js';

const ORDER_MESSAGE = 'order must be asc or desc';
const ITEMS = { type: 'array', maxItems: 20, items: schemaReference('ResponseItem') } as const;

/** A new conversation. */
export class CreateConversationDto {
  /**
   * A name for people, 1 to 200 characters.
   * @example Trip to Oslo
   */
  @IsOptional()
  @IsString()
  @Length(1, 200)
  title?: string | null;

  /**
   * Up to 16 pairs of short texts, as OpenAI has them.
   * @example { "user": "ada" }
   */
  @IsOptional()
  @IsObject()
  metadata?: JsonObject | null;

  /** What was said before, as OpenAI's items; up to 20. */
  @IsOptional()
  @IsArray()
  @ApiProperty({ ...ITEMS, required: false, nullable: true })
  items?: JsonObject[] | null;
}

/** What is to be changed of a conversation; what is left out stays as it is. */
export class UpdateConversationDto {
  /**
   * Another name; null takes it away.
   * @example Trip to Bergen
   */
  @IsOptional()
  @IsString()
  @Length(1, 200)
  title?: string | null;

  /** Other pairs, in place of those that were there; null takes them away. */
  @IsOptional()
  @IsObject()
  metadata?: JsonObject | null;
}

/** What is added to a conversation. */
export class CreateItemsDto {
  /** Messages, function calls and their outputs as OpenAI's items; 1 to 20. */
  @IsArray()
  @ApiProperty(ITEMS)
  items!: JsonObject[];
}

/** Which page of a conversation is wanted. */
export class MessagePageDto extends ListQueryDto {
  /** `desc` begins with the newest. */
  @IsOptional()
  @IsIn(['asc', 'desc'], { message: ORDER_MESSAGE })
  order: 'asc' | 'desc' = 'desc';

  /** Taken from OpenAI's clients; everything is always included. */
  @IsOptional()
  @ApiProperty({ type: [String], required: false })
  include?: string | string[];
}

/** A conversation. */
export class ConversationDto {
  /** @example conv_01H8XZ5Y7Q2M4N6P8R0S1T3V */
  id!: string;
  /** Always `conversation`. */
  object!: 'conversation';
  /** Unix seconds. */
  created_at!: number;
  /** Unix seconds: when something was last said or changed. */
  updated_at!: number;
  /** Given by a client, or else the first words of the user; null without either. */
  title!: string | null;
  /** Pairs of the client. */
  metadata!: JsonObject;
}

/** A page of conversations, newest first. */
export class ConversationListDto {
  /** Always `list`. */
  object!: 'list';
  /** The conversations. */
  data!: ConversationDto[];
  /** Whether there are older ones. */
  has_more!: boolean;
  /** Id of the first item; null when the page is empty. */
  first_id!: string | null;
  /** Id of the last item, for `after`. */
  last_id!: string | null;
}

/** Says that a conversation was deleted. */
export class DeletedConversationDto {
  /** What was deleted. */
  id!: string;
  /** Always `conversation.deleted`. */
  object!: 'conversation.deleted';
  /** Always true. */
  deleted!: true;
}

/** A conversation as clients see it. */
export function toConversationDto(row: ConversationRow): ConversationDto {
  return {
    id: row.id,
    object: 'conversation',
    created_at: toSeconds(row.createdAt),
    updated_at: toSeconds(row.updatedAt),
    title: row.title,
    metadata: row.metadata,
  };
}

function toSeconds(time: Date): number {
  return Math.floor(time.getTime() / 1_000);
}
