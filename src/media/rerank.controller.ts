import { Controller, HttpCode, Post, Req, Res } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { Authenticated } from '../auth/authenticated.decorator.js';
import { GatewayConfig } from '../config/gateway-config.js';
import { InvalidRequestError } from '../core/errors/app-error.js';
import { parseRerankRequest } from '../dialects/cohere-rerank/parse-rerank-request.js';
import { renderRerank } from '../dialects/cohere-rerank/render-rerank.js';
import { ApiErrors, BODY_ERRORS, PROVIDER_ERRORS } from '../http/api-errors.decorator.js';
import { jsonBodyOf } from '../http/body/json-body-of.js';
import { callOf } from '../http/call-of.js';
import { sendJson } from '../http/json-reply.js';
import { schemaReference } from '../http/schema-reference.js';
import { RerankService } from './rerank.service.js';

/** Reranking in the shape of Cohere's v2, by whichever provider. */
@ApiTags('Knowledge')
@Controller('v1/rerank')
export class RerankController {
  constructor(
    private readonly reranking: RerankService,
    private readonly gateway: GatewayConfig,
  ) {}

  @Post()
  @HttpCode(200)
  @Authenticated('rag')
  @ApiOperation({ summary: 'Judge how well texts fit a query, as Cohere does', operationId: 'createRerank' })
  @ApiBody({ schema: schemaReference('RerankRequest') })
  @ApiResponse({ status: 200, description: 'The texts, the best first.', schema: schemaReference('RerankReply') })
  @ApiErrors(...BODY_ERRORS, 404, ...PROVIDER_ERRORS)
  async create(@Req() request: Request, @Res() response: Response): Promise<void> {
    const call = callOf(request);
    const parsed = parseRerankRequest(jsonBodyOf(request));
    const wanted = { ...parsed.request, model: this.#modelOf(parsed.request.model) };
    sendJson(response, renderRerank(parsed, await this.reranking.require(wanted, call), call.id));
  }

  #modelOf(named: string): string {
    const model = named === '' ? this.gateway.defaults.rerank : named;
    if (model !== undefined) return model;
    throw new InvalidRequestError(
      'missing_required_parameter',
      '`model` is missing. Name a rerank model, or have the operator set `defaults.rerank`.',
      { param: 'model' },
    );
  }
}
