import { Body, Controller, Delete, Get, Param, Patch, Post, Query, Req } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Request } from 'express';
import type { Repository } from 'typeorm';
import type { ChangeAuthor } from '../../auth/audit/audit-log.js';
import { Authenticated } from '../../auth/authenticated.decorator.js';
import { listNewest } from '../../auth/list-newest.js';
import { ApiErrors, BODY_ERRORS } from '../../http/api-errors.decorator.js';
import { callOf } from '../../http/call-of.js';
import { listOf } from '../../http/list-of.js';
import { ChangeToolDto, CreateToolDto, DeletedToolDto, ToolDto, ToolListDto, toToolDto } from './stored-tool.dto.js';
import { ServerToolEntity } from './server-tool.entity.js';
import { ToolChanges } from './tool-changes.service.js';
import { ToolPageDto } from './tool-page.dto.js';

/** `/admin/tools`: HTTP tools that the server runs for models. */
@ApiTags('Administration')
@Authenticated('admin')
@Controller('admin/tools')
export class StoredToolsController {
  constructor(
    @InjectRepository(ServerToolEntity) private readonly tools: Repository<ServerToolEntity>,
    private readonly changes: ToolChanges,
  ) {}

  @Post()
  @ApiOperation({ summary: 'Make an HTTP tool, for one project or for all', operationId: 'createTool' })
  @ApiResponse({ status: 201, type: ToolDto })
  @ApiErrors(...BODY_ERRORS, 404, 409)
  async create(@Body() body: CreateToolDto, @Req() request: Request): Promise<ToolDto> {
    return toToolDto(await this.changes.create(body, authorOf(request)));
  }

  @Get()
  @ApiOperation({ summary: 'List HTTP tools that were made here, newest first', operationId: 'listTools' })
  @ApiResponse({ status: 200, type: ToolListDto })
  @ApiErrors(400, 500)
  async list(@Query() query: ToolPageDto): Promise<ToolListDto> {
    const { project_id: projectId, ...page } = query;
    const { items, hasMore } = await listNewest(this.tools, page, projectId === undefined ? {} : { projectId });
    return listOf(items.map(toToolDto), hasMore);
  }

  @Get(':id')
  @ApiOperation({ summary: 'Show an HTTP tool, without its secrets', operationId: 'getTool' })
  @ApiResponse({ status: 200, type: ToolDto })
  @ApiErrors(404, 500)
  async get(@Param('id') id: string): Promise<ToolDto> {
    return toToolDto(await this.changes.get(id));
  }

  @Patch(':id')
  @ApiOperation({ summary: 'Change an HTTP tool, for requests from now on', operationId: 'changeTool' })
  @ApiResponse({ status: 200, type: ToolDto })
  @ApiErrors(...BODY_ERRORS, 404, 409)
  async change(@Param('id') id: string, @Body() body: ChangeToolDto, @Req() request: Request): Promise<ToolDto> {
    return toToolDto(await this.changes.change(id, body, authorOf(request)));
  }

  @Delete(':id')
  @ApiOperation({ summary: 'Delete an HTTP tool', operationId: 'deleteTool' })
  @ApiResponse({ status: 200, type: DeletedToolDto })
  @ApiErrors(404, 500)
  async delete(@Param('id') id: string, @Req() request: Request): Promise<DeletedToolDto> {
    await this.changes.delete(id, authorOf(request));
    return { id, deleted: true };
  }
}

/** Who asks for a change; the address is the one that trusted proxies vouch for. */
function authorOf(request: Request): ChangeAuthor {
  const call = callOf(request);
  return { actor: call.principal.keyId, address: request.ip ?? null, requestId: call.id };
}
