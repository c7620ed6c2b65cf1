import { Controller, Delete, Get, HttpCode, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiOperation, ApiProduces, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { Authenticated } from '../../auth/authenticated.decorator.js';
import type { CallContext } from '../../core/call-context.js';
import { ApiErrors } from '../../http/api-errors.decorator.js';
import { TakesForm } from '../../http/body/takes-form.decorator.js';
import { Call } from '../../http/call.decorator.js';
import { listOf } from '../../http/list-of.js';
import { sendPieces } from '../send-pieces.js';
import { DeletedFileDto, FileDto, FileListDto, FileListQueryDto, toFileDto, UploadFileDto } from './file.dto.js';
import { FileContents } from './file-contents.service.js';
import { FileStore } from './file-store.js';
import { FilesService } from './files.service.js';

/** OpenAI's files. */
@ApiTags('OpenAI-compatible')
@Authenticated('batches')
@Controller('v1/files')
export class FilesController {
  constructor(
    private readonly files: FilesService,
    private readonly store: FileStore,
    private readonly contents: FileContents,
  ) {}

  @Post()
  @HttpCode(200)
  @TakesForm()
  @ApiOperation({ summary: 'Upload a file, as OpenAI does', operationId: 'createFile' })
  @ApiConsumes('multipart/form-data')
  @ApiBody({ type: UploadFileDto })
  @ApiResponse({ status: 200, type: FileDto })
  @ApiErrors(400, 408, 413, 415, 500, 507)
  async upload(@Req() request: Request, @Call() call: CallContext): Promise<FileDto> {
    return toFileDto(await this.files.upload(request, call.principal.projectId));
  }

  @Get()
  @ApiOperation({ summary: 'List files', operationId: 'listFiles' })
  @ApiResponse({ status: 200, type: FileListDto })
  @ApiErrors(400, 500)
  async list(@Query() query: FileListQueryDto, @Call() call: CallContext): Promise<FileListDto> {
    const { files, hasMore } = await this.store.list(call.principal.projectId, query);
    return listOf(files.map(toFileDto), hasMore);
  }

  @Get(':id')
  @ApiOperation({ summary: 'Show a file, without its content', operationId: 'retrieveFile' })
  @ApiResponse({ status: 200, type: FileDto })
  @ApiErrors(404, 500)
  async get(@Param('id') id: string, @Call() call: CallContext): Promise<FileDto> {
    return toFileDto(await this.files.get(call.principal.projectId, id));
  }

  @Get(':id/content')
  @ApiOperation({ summary: 'Get the content of a file', operationId: 'downloadFile' })
  @ApiProduces('application/octet-stream')
  @ApiResponse({ status: 200, schema: { type: 'string', format: 'binary' }, description: 'The bytes of the file.' })
  @ApiErrors(404, 500)
  async content(@Param('id') id: string, @Call() call: CallContext, @Res() response: Response): Promise<void> {
    const file = await this.files.get(call.principal.projectId, id);
    await sendPieces(response, this.contents.read(file), {
      'content-type': 'application/octet-stream',
      'content-length': String(file.bytes),
      'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(file.name)}`,
    });
  }

  @Delete(':id')
  @ApiOperation({ summary: 'Delete a file', operationId: 'deleteFile' })
  @ApiResponse({ status: 200, type: DeletedFileDto })
  @ApiErrors(404, 409, 500)
  async delete(@Param('id') id: string, @Call() call: CallContext): Promise<DeletedFileDto> {
    await this.store.delete(call.principal.projectId, id);
    return { id, object: 'file', deleted: true };
  }
}
