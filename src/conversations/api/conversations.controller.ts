import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Authenticated } from '../../auth/authenticated.decorator.js';
import type { CallContext } from '../../core/call-context.js';
import { ApiErrors, BODY_ERRORS } from '../../http/api-errors.decorator.js';
import { Call } from '../../http/call.decorator.js';
import { ListQueryDto } from '../../http/list-query.dto.js';
import { ConversationBooks } from './conversation-books.service.js';
import {
  ConversationDto,
  ConversationListDto,
  CreateConversationDto,
  DeletedConversationDto,
  MessagePageDto,
  toConversationDto,
  UpdateConversationDto,
} from './conversation.dto.js';
import { ConversationItemsService } from './conversation-items.service.js';
import { ConversationMessageListDto } from './message.dto.js';

/** `/v1/conversations`: what was said, and kept. */
@ApiTags('Conversations')
@Authenticated('chat')
@Controller('v1/conversations')
export class ConversationsController {
  constructor(
    private readonly books: ConversationBooks,
    private readonly items: ConversationItemsService,
  ) {}

  @Post()
  @HttpCode(200)
  @ApiOperation({ summary: 'Begin a conversation', operationId: 'createConversation' })
  @ApiResponse({ status: 200, type: ConversationDto })
  @ApiErrors(...BODY_ERRORS)
  async create(@Body() body: CreateConversationDto, @Call() call: CallContext): Promise<ConversationDto> {
    return toConversationDto(await this.books.create(body, call));
  }

  @Get()
  @ApiOperation({ summary: 'List the conversations of the project, newest first', operationId: 'listConversations' })
  @ApiResponse({ status: 200, type: ConversationListDto })
  @ApiErrors(400, 500)
  list(@Query() query: ListQueryDto, @Call() call: CallContext): Promise<ConversationListDto> {
    return this.books.list(query, call);
  }

  @Get(':id')
  @ApiOperation({ summary: 'Show a conversation', operationId: 'getConversation' })
  @ApiResponse({ status: 200, type: ConversationDto })
  @ApiErrors(404, 500)
  async get(@Param('id') id: string, @Call() call: CallContext): Promise<ConversationDto> {
    return toConversationDto(await this.books.require(id, call));
  }

  @Patch(':id')
  @ApiOperation({ summary: 'Rename a conversation, or change its metadata', operationId: 'updateConversation' })
  @ApiResponse({ status: 200, type: ConversationDto })
  @ApiErrors(...BODY_ERRORS, 404)
  async update(
    @Param('id') id: string,
    @Body() body: UpdateConversationDto,
    @Call() call: CallContext,
  ): Promise<ConversationDto> {
    return toConversationDto(await this.books.update(id, body, call));
  }

  @Post(':id')
  @HttpCode(200)
  @ApiOperation({ summary: 'The same as PATCH, as OpenAI has it', operationId: 'postConversation' })
  @ApiResponse({ status: 200, type: ConversationDto })
  @ApiErrors(...BODY_ERRORS, 404)
  async post(
    @Param('id') id: string,
    @Body() body: UpdateConversationDto,
    @Call() call: CallContext,
  ): Promise<ConversationDto> {
    return this.update(id, body, call);
  }

  @Delete(':id')
  @ApiOperation({ summary: 'Delete a conversation with all that was said in it', operationId: 'deleteConversation' })
  @ApiResponse({ status: 200, type: DeletedConversationDto })
  @ApiErrors(404, 500)
  async remove(@Param('id') id: string, @Call() call: CallContext): Promise<DeletedConversationDto> {
    await this.books.remove(id, call);
    return { id, object: 'conversation.deleted', deleted: true };
  }

  @Get(':id/messages')
  @ApiOperation({ summary: 'What was said, in the shape of chat messages', operationId: 'listConversationMessages' })
  @ApiResponse({ status: 200, type: ConversationMessageListDto })
  @ApiErrors(400, 404, 500)
  async messages(
    @Param('id') id: string,
    @Query() query: MessagePageDto,
    @Call() call: CallContext,
  ): Promise<ConversationMessageListDto> {
    await this.books.require(id, call);
    return this.items.listMessages(id, query);
  }
}
