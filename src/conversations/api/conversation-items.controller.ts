import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Authenticated } from '../../auth/authenticated.decorator.js';
import type { CallContext } from '../../core/call-context.js';
import { ApiErrors, BODY_ERRORS } from '../../http/api-errors.decorator.js';
import { Call } from '../../http/call.decorator.js';
import { ConversationBooks } from './conversation-books.service.js';
import { ConversationDto, CreateItemsDto, MessagePageDto, toConversationDto } from './conversation.dto.js';
import { ConversationItemsService } from './conversation-items.service.js';
import { ConversationItemListDto } from './message.dto.js';
import type { ConversationItem } from './render-items.js';

const ITEM = { type: 'object', additionalProperties: true } as const;

/** What was said in a conversation, as OpenAI's items. */
@ApiTags('Conversations')
@Authenticated('chat')
@Controller('v1/conversations/:id/items')
export class ConversationItemsController {
  constructor(
    private readonly books: ConversationBooks,
    private readonly items: ConversationItemsService,
  ) {}

  @Get()
  @ApiOperation({ summary: 'List the items of a conversation', operationId: 'listConversationItems' })
  @ApiResponse({ status: 200, type: ConversationItemListDto })
  @ApiErrors(400, 404, 500)
  async list(
    @Param('id') id: string,
    @Query() query: MessagePageDto,
    @Call() call: CallContext,
  ): Promise<ConversationItemListDto> {
    await this.books.require(id, call);
    return this.items.list(id, query);
  }

  @Post()
  @HttpCode(200)
  @ApiOperation({ summary: 'Add items to a conversation', operationId: 'createConversationItems' })
  @ApiResponse({ status: 200, type: ConversationItemListDto })
  @ApiErrors(...BODY_ERRORS, 404, 409)
  async create(
    @Param('id') id: string,
    @Body() body: CreateItemsDto,
    @Call() call: CallContext,
  ): Promise<ConversationItemListDto> {
    await this.books.require(id, call);
    return this.items.add(id, body.items, call);
  }

  @Get(':item')
  @ApiOperation({ summary: 'Show an item', operationId: 'getConversationItem' })
  @ApiResponse({ status: 200, description: 'The item.', schema: ITEM })
  @ApiErrors(404, 500)
  async get(
    @Param('id') id: string,
    @Param('item') item: string,
    @Call() call: CallContext,
  ): Promise<ConversationItem> {
    await this.books.require(id, call);
    return this.items.get(id, item);
  }

  @Delete(':item')
  @ApiOperation({ summary: 'Delete an item', operationId: 'deleteConversationItem' })
  @ApiResponse({ status: 200, type: ConversationDto })
  @ApiErrors(404, 500)
  async remove(
    @Param('id') id: string,
    @Param('item') item: string,
    @Call() call: CallContext,
  ): Promise<ConversationDto> {
    await this.books.require(id, call);
    await this.items.remove(id, item);
    return toConversationDto(await this.books.require(id, call));
  }
}
