import { Controller, HttpCode, Post, Req, Res } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { Authenticated } from '../auth/authenticated.decorator.js';
import { parseEmbeddingRequest } from '../dialects/openai-embeddings/parse-embedding-request.js';
import { renderEmbeddingResult } from '../dialects/openai-embeddings/render-embedding-result.js';
import { ApiCacheHeaders } from '../http/api-cache-headers.decorator.js';
import { ApiErrors, BODY_ERRORS, PROVIDER_ERRORS } from '../http/api-errors.decorator.js';
import { jsonBodyOf } from '../http/body/json-body-of.js';
import { callOf } from '../http/call-of.js';
import { sendJson } from '../http/json-reply.js';
import { schemaReference } from '../http/schema-reference.js';
import { EmbeddingsService } from './embeddings.service.js';

/** OpenAI's embeddings. */
@ApiTags('OpenAI-compatible')
@Controller('v1/embeddings')
export class EmbeddingsController {
  constructor(private readonly embeddings: EmbeddingsService) {}

  @Post()
  @HttpCode(200)
  @Authenticated('embeddings')
  @ApiOperation({ summary: 'Turn texts into vectors, as OpenAI does', operationId: 'createEmbedding' })
  @ApiCacheHeaders()
  @ApiBody({ schema: schemaReference('EmbeddingRequest') })
  @ApiResponse({ status: 200, description: 'One vector per input.', schema: schemaReference('EmbeddingList') })
  @ApiErrors(...BODY_ERRORS, 404, ...PROVIDER_ERRORS)
  async create(@Req() request: Request, @Res() response: Response): Promise<void> {
    const { encoding, ...wanted } = parseEmbeddingRequest(jsonBodyOf(request));
    const result = await this.embeddings.embed(wanted, callOf(request));
    sendJson(response, renderEmbeddingResult(result, encoding));
  }
}
