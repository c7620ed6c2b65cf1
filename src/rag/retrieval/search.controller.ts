import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Authenticated } from '../../auth/authenticated.decorator.js';
import type { CallContext } from '../../core/call-context.js';
import { ApiErrors, BODY_ERRORS } from '../../http/api-errors.decorator.js';
import { Call } from '../../http/call.decorator.js';
import { CollectionsService } from '../collections/collections.service.js';
import { RetrievalService } from './retrieval.service.js';
import { SearchReplyDto, SearchRequestDto } from './search.dto.js';
import { toSearchResult } from './to-search-result.js';

const DEFAULT_RESULTS = 10;

/** `/v1/search`: the chunks that fit a query best. */
@ApiTags('Knowledge')
@Authenticated('rag')
@Controller('v1/search')
export class SearchController {
  constructor(
    private readonly collections: CollectionsService,
    private readonly retrieval: RetrievalService,
  ) {}

  @Post()
  @HttpCode(200)
  @ApiOperation({ summary: 'Search a collection' })
  @ApiResponse({ status: 200, type: SearchReplyDto })
  @ApiErrors(...BODY_ERRORS, 404, 409)
  async search(@Body() body: SearchRequestDto, @Call() call: CallContext): Promise<SearchReplyDto> {
    const collection = await this.collections.require(call.principal.projectId, body.collection);
    const options = { limit: body.max_results ?? DEFAULT_RESULTS, mode: body.mode ?? 'hybrid', withCoverage: false };
    const { hits } = await this.retrieval.retrieve(collection, [body.query], options, call);
    return { results: hits.map(toSearchResult) };
  }
}
