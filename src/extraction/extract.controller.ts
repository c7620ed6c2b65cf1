import { Controller, HttpCode, Post, Req, Res } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { Authenticated } from '../auth/authenticated.decorator.js';
import { Clock } from '../core/clock.js';
import { ApiErrors, BODY_ERRORS, PROVIDER_ERRORS } from '../http/api-errors.decorator.js';
import { jsonBodyOf } from '../http/body/json-body-of.js';
import { callOf } from '../http/call-of.js';
import { sendJson } from '../http/json-reply.js';
import { schemaReference } from '../http/schema-reference.js';
import { ExtractionService } from './extraction.service.js';
import { parseExtraction } from './parse-extraction.js';
import { renderExtraction } from './render-extraction.js';

/** Data out of text, in the form of a JSON Schema. */
@ApiTags('Chat')
@Controller('v1/extract')
export class ExtractController {
  constructor(
    private readonly extraction: ExtractionService,
    private readonly clock: Clock,
  ) {}

  @Post()
  @HttpCode(200)
  @Authenticated('chat')
  @ApiOperation({
    summary: 'Extract data that matches a JSON Schema',
    description:
      'Gives valid data or 422 `output_schema_mismatch`, whose `details` say where the answer is wrong, `output` what the ' +
      'model wrote and `reason` why it is none: schema_mismatch, length, refusal or content_filter.',
    operationId: 'extract',
  })
  @ApiBody({ schema: schemaReference('ExtractionRequest') })
  @ApiResponse({ status: 200, description: 'Data that matches the schema.', schema: schemaReference('Extraction') })
  @ApiErrors(...BODY_ERRORS, 404, 422, ...PROVIDER_ERRORS)
  async extract(@Req() request: Request, @Res() response: Response): Promise<void> {
    const call = callOf(request);
    const extraction = await this.extraction.extract(parseExtraction(jsonBodyOf(request)), call);
    sendJson(response, renderExtraction(extraction, call, Math.max(0, this.clock.now() - call.receivedAt)));
  }
}
