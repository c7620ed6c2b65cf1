import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query, Req } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Request } from 'express';
import { Authenticated } from '../../auth/authenticated.decorator.js';
import type { CallContext } from '../../core/call-context.js';
import { ApiErrors, BODY_ERRORS } from '../../http/api-errors.decorator.js';
import { Call } from '../../http/call.decorator.js';
import { callOf } from '../../http/call-of.js';
import { listOf } from '../../http/list-of.js';
import { ListQueryDto } from '../../http/list-query.dto.js';
import { DeliveriesService } from './deliveries.service.js';
import { DeliveryDto, DeliveryListDto, DeliveryQueryDto, toDeliveryDto } from './delivery.dto.js';
import {
  ChangeWebhookDto,
  CreateWebhookDto,
  DeletedWebhookDto,
  RotateWebhookDto,
  toWebhookDto,
  WebhookDto,
  WebhookListDto,
  WebhookWithSecretDto,
} from './webhook.dto.js';
import { type OpenWebhook, type WebhookOwner, WebhooksService } from './webhooks.service.js';

/** `/v1/webhooks`: addresses of the project's that are told what happens. */
@ApiTags('Webhooks')
@Authenticated('batches')
@Controller('v1/webhooks')
export class WebhooksController {
  constructor(
    private readonly webhooks: WebhooksService,
    private readonly deliveries: DeliveriesService,
  ) {}

  @Post()
  @ApiOperation({ summary: 'Have an address told of events', operationId: 'createWebhook' })
  @ApiResponse({ status: 201, type: WebhookWithSecretDto })
  @ApiErrors(...BODY_ERRORS, 409)
  async create(@Body() body: CreateWebhookDto, @Req() request: Request): Promise<WebhookWithSecretDto> {
    return withSecret(await this.webhooks.create(ownerOf(request), body));
  }

  @Get()
  @ApiOperation({ summary: 'List webhooks, newest first', operationId: 'listWebhooks' })
  @ApiResponse({ status: 200, type: WebhookListDto })
  @ApiErrors(400, 500)
  async list(@Query() page: ListQueryDto, @Call() call: CallContext): Promise<WebhookListDto> {
    const { items, hasMore } = await this.webhooks.list(call.principal.projectId, page);
    return listOf(items.map(toWebhookDto), hasMore);
  }

  @Get(':id')
  @ApiOperation({ summary: 'Show a webhook, without its secret', operationId: 'getWebhook' })
  @ApiResponse({ status: 200, type: WebhookDto })
  @ApiErrors(404, 500)
  async get(@Param('id') id: string, @Call() call: CallContext): Promise<WebhookDto> {
    return toWebhookDto(await this.webhooks.get(call.principal.projectId, id));
  }

  @Patch(':id')
  @ApiOperation({ summary: 'Change, disable or enable a webhook', operationId: 'changeWebhook' })
  @ApiResponse({ status: 200, type: WebhookDto })
  @ApiErrors(...BODY_ERRORS, 404)
  async change(@Param('id') id: string, @Body() body: ChangeWebhookDto, @Req() request: Request): Promise<WebhookDto> {
    return toWebhookDto(await this.webhooks.change(ownerOf(request), id, body));
  }

  @Delete(':id')
  @ApiOperation({ summary: 'Delete a webhook', operationId: 'deleteWebhook' })
  @ApiResponse({ status: 200, type: DeletedWebhookDto })
  @ApiErrors(404, 500)
  async delete(@Param('id') id: string, @Call() call: CallContext): Promise<DeletedWebhookDto> {
    await this.webhooks.delete(call.principal.projectId, id);
    return { id, deleted: true };
  }

  @Post(':id/rotate')
  @HttpCode(200)
  @ApiOperation({ summary: 'Give a webhook another secret', operationId: 'rotateWebhook' })
  @ApiResponse({ status: 200, type: WebhookWithSecretDto })
  @ApiErrors(...BODY_ERRORS, 404)
  async rotate(
    @Param('id') id: string,
    @Body() body: RotateWebhookDto,
    @Call() call: CallContext,
  ): Promise<WebhookWithSecretDto> {
    return withSecret(await this.webhooks.rotate(call.principal.projectId, id, body));
  }

  @Post(':id/test')
  @HttpCode(202)
  @ApiOperation({ summary: 'Send a webhook an event `webhook.test`', operationId: 'testWebhook' })
  @ApiResponse({ status: 202, type: DeliveryDto })
  @ApiErrors(404, 409, 500)
  async test(@Param('id') id: string, @Call() call: CallContext): Promise<DeliveryDto> {
    const delivery = await this.webhooks.test(call.principal.projectId, id);
    return toDeliveryDto(await this.deliveries.get(delivery));
  }

  @Get(':id/deliveries')
  @ApiOperation({ summary: 'List what a webhook was told, newest first', operationId: 'listWebhookDeliveries' })
  @ApiResponse({ status: 200, type: DeliveryListDto })
  @ApiErrors(400, 404, 500)
  async listDeliveries(
    @Param('id') id: string,
    @Query() query: DeliveryQueryDto,
    @Call() call: CallContext,
  ): Promise<DeliveryListDto> {
    const { projectId } = call.principal;
    await this.webhooks.get(projectId, id);
    const { items, hasMore } = await this.deliveries.list({ projectId, webhookId: id, status: query.status }, query);
    return listOf(items.map(toDeliveryDto), hasMore);
  }
}

function ownerOf(request: Request): WebhookOwner {
  return { projectId: callOf(request).principal.projectId, ownHost: request.headers.host ?? '' };
}

function withSecret({ webhook, secret }: OpenWebhook): WebhookWithSecretDto {
  return Object.assign(toWebhookDto(webhook), { secret });
}
