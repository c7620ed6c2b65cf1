import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Authenticated } from '../../auth/authenticated.decorator.js';
import type { CallContext } from '../../core/call-context.js';
import { ApiErrors, BODY_ERRORS, PROVIDER_ERRORS } from '../../http/api-errors.decorator.js';
import { Call } from '../../http/call.decorator.js';
import { CollectionsService } from '../collections/collections.service.js';
import { RetrievalService } from './retrieval.service.js';
import { SearchReplyDto, SearchRequestDto } from './search.dto.js';
import { toRetrievalOptions } from './to-retrieval-options.js';
import { toSearchReply } from './to-search-reply.js';

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
  @ApiErrors(...BODY_ERRORS, 404, 409, ...PROVIDER_ERRORS)
  async search(@Body() body: SearchRequestDto, @Call() call: CallContext): Promise<SearchReplyDto> {
    const options = toRetrievalOptions(body);
    const collection = await this.collections.require(call.principal.projectId, body.collection);
    const retrieval = await this.retrieval.retrieve(collection, [body.query], options, call);
    return toSearchReply(retrieval, call.warnings);
  }
}
