import { Controller, HttpCode, Post, Req, Res } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { Authenticated } from '../auth/authenticated.decorator.js';
import { renderOpenAiErrorFrame } from '../dialects/openai-chat/render-error.js';
import { parseCompletionRequest } from '../dialects/openai-completions/parse-completion-request.js';
import { renderCompletionResults } from '../dialects/openai-completions/render-completion-result.js';
import { renderCompletionStream } from '../dialects/openai-completions/render-completion-stream.js';
import { ApiCacheHeaders } from '../http/api-cache-headers.decorator.js';
import { ApiErrors, BODY_ERRORS, PROVIDER_ERRORS } from '../http/api-errors.decorator.js';
import { jsonBodyOf } from '../http/body/json-body-of.js';
import { callOf } from '../http/call-of.js';
import { sendJson } from '../http/json-reply.js';
import { schemaReference } from '../http/schema-reference.js';
import { sendSse } from '../http/sse-reply.js';
import { LegacyCompletions } from './legacy-completions.service.js';

/** OpenAI's legacy completions. */
@ApiTags('OpenAI-compatible')
@Controller('v1/completions')
export class LegacyCompletionsController {
  constructor(private readonly completions: LegacyCompletions) {}

  @Post()
  @HttpCode(200)
  @Authenticated('chat')
  @ApiOperation({
    summary: "Go on with a text, as OpenAI's legacy completions do",
    description:
      'Models that have no such surface are asked by chat. With `stream: true` the answer is a stream of server-sent events that ends with `[DONE]`.',
    operationId: 'createCompletion',
  })
  @ApiCacheHeaders()
  @ApiBody({ schema: schemaReference('CompletionRequest') })
  @ApiResponse({
    status: 200,
    description: 'The answer, whole or as a stream of chunks.',
    content: {
      'application/json': { schema: schemaReference('Completion') },
      'text/event-stream': { schema: schemaReference('Completion') },
    },
  })
  @ApiErrors(...BODY_ERRORS, 404, ...PROVIDER_ERRORS)
  async create(@Req() request: Request, @Res() response: Response): Promise<void> {
    const call = callOf(request);
    const wanted = parseCompletionRequest(jsonBodyOf(request));
    if (!wanted.stream) {
      sendJson(response, renderCompletionResults(await this.completions.answerWhole(wanted, call), wanted));
      return;
    }
    const frames = this.completions.answerStream(wanted, call).then((answer) => renderCompletionStream(answer, wanted));
    await sendSse(response, call, frames, renderOpenAiErrorFrame);
  }
}
