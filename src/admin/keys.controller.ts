import { Body, Controller, Delete, Get, Param, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { ApiKeysService } from '../auth/api-keys.service.js';
import { Authenticated } from '../auth/authenticated.decorator.js';
import { ErrorResponse } from '../http/error-response.dto.js';
import { CreatedKeyDto, CreateKeyDto, KeyDto, KeyListDto, toKeyDto } from './key.dto.js';
import { toListPage } from './list-page.js';
import { ListQueryDto } from './list-query.dto.js';

/** `/admin/keys`: API keys of every project. */
@ApiTags('Administration')
@Authenticated('admin')
@Controller('admin/keys')
export class KeysController {
  constructor(private readonly keys: ApiKeysService) {}

  @Post()
  @ApiOperation({ summary: 'Make an API key; its secret is in this answer only' })
  @ApiResponse({ status: 201, type: CreatedKeyDto })
  @ApiResponse({ status: 400, description: 'A field is missing, unknown or wrong.', type: ErrorResponse })
  @ApiResponse({ status: 404, description: 'There is no such project.', type: ErrorResponse })
  async create(@Body() body: CreateKeyDto): Promise<CreatedKeyDto> {
    const { apiKey, key } = await this.keys.create({
      name: body.name,
      projectId: body.project_id,
      scopes: body.scopes,
      expiresAt: body.expires_at ? new Date(body.expires_at) : null,
    });
    return Object.assign(toKeyDto(apiKey), { key });
  }

  @Get()
  @ApiOperation({ summary: 'List API keys, newest first' })
  @ApiResponse({ status: 200, type: KeyListDto })
  @ApiResponse({ status: 400, description: '`limit` or `after` is wrong.', type: ErrorResponse })
  async list(@Query() query: ListQueryDto): Promise<KeyListDto> {
    return toListPage(await this.keys.list(query), toKeyDto);
  }

  @Get(':id')
  @ApiOperation({ summary: 'Show an API key, without its secret' })
  @ApiResponse({ status: 200, type: KeyDto })
  @ApiResponse({ status: 404, description: 'There is no such key.', type: ErrorResponse })
  async get(@Param('id') id: string): Promise<KeyDto> {
    return toKeyDto(await this.keys.get(id));
  }

  @Delete(':id')
  @ApiOperation({ summary: 'Revoke an API key: at once here, within five seconds everywhere' })
  @ApiResponse({ status: 200, type: KeyDto })
  @ApiResponse({ status: 404, description: 'There is no such key.', type: ErrorResponse })
  @ApiResponse({ status: 409, description: 'It is the last admin key.', type: ErrorResponse })
  async revoke(@Param('id') id: string): Promise<KeyDto> {
    return toKeyDto(await this.keys.revoke(id));
  }
}
