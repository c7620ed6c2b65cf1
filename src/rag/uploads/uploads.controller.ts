import { Controller, Post, Req, Res } from '@nestjs/common';
import {
  ApiBody,
  ApiConsumes,
  ApiExtraModels,
  ApiOperation,
  ApiResponse,
  ApiTags,
  getSchemaPath,
} from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { Authenticated } from '../../auth/authenticated.decorator.js';
import type { CallContext } from '../../core/call-context.js';
import { ApiErrors } from '../../http/api-errors.decorator.js';
import { TakesForm } from '../../http/body/takes-form.decorator.js';
import { Call } from '../../http/call.decorator.js';
import { ErrorResponse } from '../../http/error-response.dto.js';
import { UploadedFileDto, UploadedFilesDto, UploadRequestDto } from './upload.dto.js';
import { UploadService } from './upload.service.js';

const ONE_OR_SEVERAL = {
  oneOf: [{ $ref: getSchemaPath(UploadedFileDto) }, { $ref: getSchemaPath(UploadedFilesDto) }],
};

/** `POST /v1/documents`: files in, searchable soon after. */
@ApiTags('Knowledge')
@Authenticated('rag')
@Controller('v1/documents')
export class UploadsController {
  constructor(private readonly uploads: UploadService) {}

  @Post()
  @TakesForm()
  @ApiExtraModels(UploadedFileDto, UploadedFilesDto)
  @ApiOperation({ summary: 'Index one or several files' })
  @ApiConsumes('multipart/form-data')
  @ApiBody({ type: UploadRequestDto })
  @ApiResponse({ status: 202, schema: ONE_OR_SEVERAL, description: 'A job for each file reads and indexes it.' })
  @ApiResponse({
    status: 200,
    schema: ONE_OR_SEVERAL,
    description: 'All of this is indexed already, or about to be.',
  })
  @ApiErrors(400, 404, 408, 409, 413, 500)
  @ApiResponse({ status: 415, type: ErrorResponse, description: 'No form, or a file that is not read.' })
  async upload(
    @Req() request: Request,
    @Call() call: CallContext,
    @Res({ passthrough: true }) response: Response,
  ): Promise<UploadedFileDto | UploadedFilesDto> {
    const data = await this.uploads.accept(request, call.principal);
    response.status(data.some(({ status }) => status === 'queued') ? 202 : 200);
    const [only] = data;
    return data.length === 1 && only ? only : { object: 'list', data };
  }
}
