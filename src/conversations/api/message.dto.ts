import { ApiProperty } from '@nestjs/swagger';
import type { JsonObject } from '../../core/json.js';

/** What was said, in the shape that `messages` of a chat request has. */
export class ConversationMessageDto {
  /** @example msg_01H8XZ5Y7Q2M4N6P8R0S1T3V */
  id!: string;
  /** Always `conversation.message`. */
  object!: 'conversation.message';
  /** The number of its turn: what one request said and what was answered. */
  turn!: number;
  /** Who spoke. */
  role!: 'user' | 'assistant' | 'tool';
  /** A text, or the parts of a message with more than text; null for an answer of nothing but tool calls. */
  @ApiProperty({
    nullable: true,
    oneOf: [{ type: 'string' }, { type: 'array', items: { type: 'object', additionalProperties: true } }],
  })
  content!: string | JsonObject[] | null;
  /** What the model called. */
  tool_calls?: JsonObject[];
  /** The call that a tool's message answers. */
  tool_call_id?: string;
  /** The model's thoughts, where the provider tells them. */
  reasoning?: string;
  /** Why the model would not answer. */
  refusal?: string;
  /** `partial` is an answer that broke off, `failed` a message that got none, `in_progress` one that waits for its answer. */
  status!: 'completed' | 'partial' | 'failed' | 'in_progress';
  /** Why the answer ended; null for what is no whole answer. */
  finish_reason!: string | null;
  /** The provider's own name of the model that answered. */
  model!: string | null;
  /** The provider that answered. */
  provider!: string | null;
  /** The request that said it, as in the ledger. */
  request_id!: string;
  /** RFC 3339. */
  created_at!: string;
}

/** A page of what was said. */
export class ConversationMessageListDto {
  /** Always `list`. */
  object!: 'list';
  /** The messages. */
  data!: ConversationMessageDto[];
  /** Whether there are more in this order. */
  has_more!: boolean;
  /** Id of the first item; null when the page is empty. */
  first_id!: string | null;
  /** Id of the last item, for `after`. */
  last_id!: string | null;
}

/** A page of a conversation as OpenAI's items. */
export class ConversationItemListDto {
  /** Always `list`. */
  object!: 'list';
  /** Messages, function calls, their outputs, and thoughts. */
  data!: JsonObject[];
  /** Whether there are more in this order. */
  has_more!: boolean;
  /** Id of the first item; null when the page is empty. */
  first_id!: string | null;
  /** Id of the last item, for `after`. */
  last_id!: string | null;
}
