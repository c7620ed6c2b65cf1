import { Controller, Get, Param } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { Authenticated } from '../auth/authenticated.decorator.js';
import type { CallContext } from '../core/call-context.js';
import { ApiErrors } from '../http/api-errors.decorator.js';
import { Call } from '../http/call.decorator.js';
import { ModelDto, ModelListDto } from './model.dto.js';
import { ModelsService } from './models.service.js';

/** Which models there are. */
@ApiTags('OpenAI-compatible')
@Controller('v1/models')
export class ModelsController {
  constructor(private readonly models: ModelsService) {}

  @Get()
  @Authenticated()
  @ApiOperation({ summary: 'List the models that the key may use', operationId: 'listModels' })
  @ApiOkResponse({ type: ModelListDto })
  @ApiErrors(500)
  list(@Call() call: CallContext): ModelListDto {
    return { object: 'list', data: this.models.list(call.principal) };
  }

  /** The id may hold slashes, raw or percent-encoded. */
  @Get('*id')
  @Authenticated()
  @ApiOperation({ summary: 'Describe one model', operationId: 'retrieveModel' })
  @ApiParam({ name: 'id', description: 'An alias, `provider/model` or a bare model name.', type: String })
  @ApiOkResponse({ type: ModelDto })
  @ApiErrors(403, 404, 500)
  find(@Param('id') id: string | string[], @Call() call: CallContext): ModelDto {
    return this.models.find(Array.isArray(id) ? id.join('/') : id, call.principal);
  }
}
