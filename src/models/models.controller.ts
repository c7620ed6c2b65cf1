import { Controller, Get, Param } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { Authenticated } from '../auth/authenticated.decorator.js';
import { ApiErrors } from '../http/api-errors.decorator.js';
import { ModelDto, ModelListDto } from './model.dto.js';
import { ModelsService } from './models.service.js';

/** Which models there are. */
@ApiTags('OpenAI-compatible')
@Controller('v1/models')
export class ModelsController {
  constructor(private readonly models: ModelsService) {}

  @Get()
  @Authenticated()
  @ApiOperation({ summary: 'List the models that can be used', operationId: 'listModels' })
  @ApiOkResponse({ type: ModelListDto })
  @ApiErrors(500)
  list(): ModelListDto {
    return { object: 'list', data: this.models.list() };
  }

  /** The id may hold slashes, raw or percent-encoded. */
  @Get('*id')
  @Authenticated()
  @ApiOperation({ summary: 'Describe one model', operationId: 'retrieveModel' })
  @ApiParam({ name: 'id', description: 'An alias, `provider/model` or a bare model name.', type: String })
  @ApiOkResponse({ type: ModelDto })
  @ApiErrors(404, 500)
  find(@Param('id') id: string | string[]): ModelDto {
    return this.models.find(Array.isArray(id) ? id.join('/') : id);
  }
}
