import { Body, Controller, Delete, Get, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { ApiKeysService } from '../auth/api-keys.service.js';
import type { ChangeAuthor } from '../auth/audit/audit-log.js';
import { Authenticated } from '../auth/authenticated.decorator.js';
import { KeyRotationService } from '../auth/key-rotation.service.js';
import { ErrorResponse } from '../http/error-response.dto.js';
import { ListQueryDto } from '../http/list-query.dto.js';
import { Author } from './audit-author.decorator.js';
import {
  ChangeKeyDto,
  CreatedKeyDto,
  CreateKeyDto,
  KeyDto,
  KeyListDto,
  RotateKeyDto,
  toKeyDto,
  toKeyTerms,
} from './key.dto.js';
import { toListPage } from './list-page.js';

/** `/admin/keys`: API keys of every project. */
@ApiTags('Administration')
@Authenticated('admin')
@Controller('admin/keys')
export class KeysController {
  constructor(
    private readonly keys: ApiKeysService,
    private readonly rotation: KeyRotationService,
  ) {}

  @Post()
  @ApiOperation({ summary: 'Make an API key; its secret is in this answer only' })
  @ApiResponse({ status: 201, type: CreatedKeyDto })
  @ApiResponse({ status: 400, description: 'A field is missing, unknown or wrong.', type: ErrorResponse })
  @ApiResponse({ status: 404, description: 'There is no such project.', type: ErrorResponse })
  async create(@Body() body: CreateKeyDto, @Author() author: ChangeAuthor): Promise<CreatedKeyDto> {
    const { name, project_id: projectId, scopes } = body;
    const { record, secret } = await this.keys.create({ name, projectId, scopes, ...toKeyTerms(body) }, author);
    return Object.assign(toKeyDto(record), { key: secret });
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

  @Patch(':id')
  @ApiOperation({ summary: 'Change what an API key may do: at once here, within five seconds everywhere' })
  @ApiResponse({ status: 200, type: KeyDto })
  @ApiResponse({ status: 400, description: 'A field is unknown or wrong.', type: ErrorResponse })
  @ApiResponse({ status: 404, description: 'There is no such key.', type: ErrorResponse })
  @ApiResponse({ status: 409, description: 'It is revoked, or it is the last admin key.', type: ErrorResponse })
  async change(@Param('id') id: string, @Body() body: ChangeKeyDto, @Author() author: ChangeAuthor): Promise<KeyDto> {
    const { name, scopes } = body;
    return toKeyDto(await this.keys.change(id, { name, scopes, ...toKeyTerms(body) }, author));
  }

  @Post(':id/rotate')
  @ApiOperation({ summary: 'Give an API key a new secret, which is in this answer only' })
  @ApiBody({ type: RotateKeyDto, required: false })
  @ApiResponse({ status: 201, type: CreatedKeyDto })
  @ApiResponse({ status: 400, description: 'A field is unknown or wrong.', type: ErrorResponse })
  @ApiResponse({ status: 404, description: 'There is no such key.', type: ErrorResponse })
  @ApiResponse({
    status: 409,
    description: 'It is revoked, expired or set by the environment, or it is the last admin key.',
    type: ErrorResponse,
  })
  async rotate(
    @Param('id') id: string,
    @Author() author: ChangeAuthor,
    @Body() body?: RotateKeyDto,
  ): Promise<CreatedKeyDto> {
    const { record, secret } = await this.rotation.rotate(id, body?.overlap_seconds ?? 0, author);
    return Object.assign(toKeyDto(record), { key: secret });
  }

  @Delete(':id')
  @ApiOperation({ summary: 'Revoke an API key: at once here, within five seconds everywhere' })
  @ApiResponse({ status: 200, type: KeyDto })
  @ApiResponse({ status: 404, description: 'There is no such key.', type: ErrorResponse })
  @ApiResponse({ status: 409, description: 'It is the last admin key.', type: ErrorResponse })
  async revoke(@Param('id') id: string, @Author() author: ChangeAuthor): Promise<KeyDto> {
    return toKeyDto(await this.keys.revoke(id, author));
  }
}
