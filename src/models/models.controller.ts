import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiExtraModels, ApiHeader, ApiOkResponse, ApiOperation, ApiParam, ApiQuery, ApiTags } from '@nestjs/swagger';
import { Authenticated } from '../auth/authenticated.decorator.js';
import type { CallContext } from '../core/call-context.js';
import { ApiErrors } from '../http/api-errors.decorator.js';
import { Call } from '../http/call.decorator.js';
import { schemaReference } from '../http/schema-reference.js';
import { AnthropicModelDto, AnthropicModelListDto } from './anthropic-model.dto.js';
import { type AnthropicPageQuery, listAnthropicModels, renderAnthropicModel } from './list-anthropic-models.js';
import { ModelDto, ModelListDto } from './model.dto.js';
import { ModelsService } from './models.service.js';

const VERSION = {
  name: 'anthropic-version',
  required: false,
  description: "Answers in Anthropic's shape, whatever the version is.",
};

function oneOf(...types: (new () => object)[]): { oneOf: { $ref: string }[] } {
  return { oneOf: types.map(({ name }) => schemaReference(name)) };
}

/** Which models there are. */
@ApiTags('OpenAI-compatible')
@ApiExtraModels(ModelDto, ModelListDto, AnthropicModelDto, AnthropicModelListDto)
@Controller('v1/models')
export class ModelsController {
  constructor(private readonly models: ModelsService) {}

  @Get()
  @Authenticated()
  @ApiOperation({
    summary: 'List the models that the key may use',
    description: 'With `anthropic-version`: the chat models, page by page, as Anthropic lists its own.',
    operationId: 'listModels',
  })
  @ApiHeader(VERSION)
  @ApiQuery({
    name: 'limit',
    required: false,
    schema: { type: 'integer', minimum: 1, maximum: 1_000 },
    description: 'With `anthropic-version`: 1 to 1000, 20 by default.',
  })
  @ApiQuery({ name: 'after_id', required: false, description: 'With `anthropic-version`: the page behind this model.' })
  @ApiQuery({ name: 'before_id', required: false, description: 'With `anthropic-version`: the page before it.' })
  @ApiOkResponse({ schema: oneOf(ModelListDto, AnthropicModelListDto) })
  @ApiErrors(400, 500)
  list(@Call() call: CallContext, @Query() query: AnthropicPageQuery): ModelListDto | AnthropicModelListDto {
    const data = this.models.list(call.principal);
    return call.surface === 'anthropic' ? listAnthropicModels(data, query) : { object: 'list', data };
  }

  /** The id may hold slashes, raw or percent-encoded. */
  @Get('*id')
  @Authenticated()
  @ApiOperation({ summary: 'Describe one model', operationId: 'retrieveModel' })
  @ApiParam({ name: 'id', description: 'An alias, `provider/model` or a bare model name.', type: String })
  @ApiHeader(VERSION)
  @ApiOkResponse({ schema: oneOf(ModelDto, AnthropicModelDto) })
  @ApiErrors(403, 404, 500)
  find(@Param('id') id: string | string[], @Call() call: CallContext): ModelDto | AnthropicModelDto {
    const model = this.models.find(Array.isArray(id) ? id.join('/') : id, call.principal);
    return call.surface === 'anthropic' ? renderAnthropicModel(model) : model;
  }
}
