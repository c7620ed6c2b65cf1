import { Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Authenticated } from '../../auth/authenticated.decorator.js';
import { ApiErrors } from '../../http/api-errors.decorator.js';
import { listOf } from '../../http/list-of.js';
import { DeliveriesService } from './deliveries.service.js';
import { AdminDeliveryQueryDto, DeliveryDto, DeliveryListDto, toDeliveryDto } from './delivery.dto.js';

/** `/admin/webhooks/deliveries`: what was sent to webhooks, of all projects. */
@ApiTags('Administration')
@Authenticated('admin')
@Controller('admin/webhooks/deliveries')
export class DeliveriesController {
  constructor(private readonly deliveries: DeliveriesService) {}

  @Get()
  @ApiOperation({ summary: 'List webhook deliveries, newest first', operationId: 'listDeliveries' })
  @ApiResponse({ status: 200, type: DeliveryListDto })
  @ApiErrors(400, 500)
  async list(@Query() query: AdminDeliveryQueryDto): Promise<DeliveryListDto> {
    const { webhook_id: webhookId, project_id: projectId, status, ...page } = query;
    const { items, hasMore } = await this.deliveries.list({ webhookId, projectId, status }, page);
    return listOf(items.map(toDeliveryDto), hasMore);
  }

  @Post(':id/redeliver')
  @HttpCode(202)
  @ApiOperation({ summary: 'Deliver once more, under the same event id', operationId: 'redeliver' })
  @ApiResponse({ status: 202, type: DeliveryDto })
  @ApiErrors(404, 409, 500)
  async redeliver(@Param('id') id: string): Promise<DeliveryDto> {
    return toDeliveryDto(await this.deliveries.redeliver(id));
  }
}
