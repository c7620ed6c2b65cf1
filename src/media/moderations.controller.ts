import { Controller, HttpCode, Post, Req, Res } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { Authenticated } from '../auth/authenticated.decorator.js';
import { parseModerationRequest } from '../dialects/openai-media/parse-moderation-request.js';
import { ApiErrors, BODY_ERRORS, PROVIDER_ERRORS } from '../http/api-errors.decorator.js';
import { jsonBodyOf } from '../http/body/json-body-of.js';
import { callOf } from '../http/call-of.js';
import { schemaReference } from '../http/schema-reference.js';
import { MediaService } from './media.service.js';
import { sendAnswer } from './send-answer.js';

/** OpenAI's moderations. */
@ApiTags('OpenAI-compatible')
@Controller('v1/moderations')
export class ModerationsController {
  constructor(private readonly media: MediaService) {}

  @Post()
  @HttpCode(200)
  @Authenticated('chat')
  @ApiOperation({ summary: 'Judge how harmful texts and images are, as OpenAI does', operationId: 'createModeration' })
  @ApiBody({ schema: schemaReference('ModerationRequest') })
  @ApiResponse({ status: 200, description: 'One judgement per input.', schema: schemaReference('ModerationList') })
  @ApiErrors(...BODY_ERRORS, 404, ...PROVIDER_ERRORS)
  async create(@Req() request: Request, @Res() response: Response): Promise<void> {
    await sendAnswer(response, this.media.moderate(parseModerationRequest(jsonBodyOf(request)), callOf(request)));
  }
}
