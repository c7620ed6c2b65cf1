import { Controller, HttpCode, Post, Req, Res } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { Authenticated } from '../auth/authenticated.decorator.js';
import { parseImageRequest } from '../dialects/openai-media/parse-image-request.js';
import { imageEvents } from '../dialects/openai-media/to-media-frames.js';
import { ApiErrors, BODY_ERRORS, PROVIDER_ERRORS } from '../http/api-errors.decorator.js';
import { jsonBodyOf } from '../http/body/json-body-of.js';
import { callOf } from '../http/call-of.js';
import { schemaReference } from '../http/schema-reference.js';
import { MediaService } from './media.service.js';
import { sendAnswer, sendEvents } from './send-answer.js';

/** OpenAI's images. */
@ApiTags('OpenAI-compatible')
@Controller('v1/images/generations')
export class ImagesController {
  constructor(private readonly media: MediaService) {}

  @Post()
  @HttpCode(200)
  @Authenticated('chat')
  @ApiOperation({ summary: 'Make images of a text, as OpenAI does', operationId: 'createImage' })
  @ApiBody({ schema: schemaReference('ImageRequest') })
  @ApiResponse({
    status: 200,
    description: 'The images; with `stream: true` as events, drafts first.',
    content: {
      'application/json': { schema: schemaReference('ImageList') },
      'text/event-stream': { schema: { type: 'string' } },
    },
  })
  @ApiErrors(...BODY_ERRORS, 404, ...PROVIDER_ERRORS)
  async create(@Req() request: Request, @Res() response: Response): Promise<void> {
    const call = callOf(request);
    const wanted = parseImageRequest(jsonBodyOf(request));
    const answer = this.media.image(wanted, call);
    if (wanted.isStream) await sendEvents(response, call, answer, imageEvents);
    else await sendAnswer(response, answer);
  }
}
