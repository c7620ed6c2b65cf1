import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AuthModule } from '../../auth/auth.module.js';
import { EgressModule } from '../../egress/egress.module.js';
import { Announcer } from './announcer.service.js';
import { DeliveriesController } from './deliveries.controller.js';
import { DeliveriesService } from './deliveries.service.js';
import { DeliveryBell } from './delivery-bell.js';
import { DeliveryStore } from './delivery-store.js';
import { DeliverySweeper } from './delivery-sweeper.service.js';
import { DomainEventAnnouncer } from './domain-event-announcer.service.js';
import { ProjectWebhooksEraser } from './project-webhooks.eraser.js';
import { WebhookDeliveryEntity } from './webhook-delivery.entity.js';
import { WebhookDispatcher } from './webhook-dispatcher.service.js';
import { WebhookEntity } from './webhook.entity.js';
import { WebhookSender } from './webhook-sender.service.js';
import { WebhooksController } from './webhooks.controller.js';
import { WebhooksService } from './webhooks.service.js';

/** Tells projects' own servers what happened here, by the Standard Webhooks specification. */
@Module({
  imports: [AuthModule, EgressModule, TypeOrmModule.forFeature([WebhookEntity, WebhookDeliveryEntity])],
  controllers: [WebhooksController, DeliveriesController],
  providers: [
    Announcer,
    DeliveriesService,
    DeliveryBell,
    DeliveryStore,
    DeliverySweeper,
    DomainEventAnnouncer,
    ProjectWebhooksEraser,
    WebhookDispatcher,
    WebhookSender,
    WebhooksService,
  ],
  exports: [Announcer, WebhooksService],
})
export class WebhooksModule {}
