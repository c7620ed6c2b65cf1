import { Module } from '@nestjs/common';
import { EgressModule } from '../egress/egress.module.js';
import { AudioController } from './audio.controller.js';
import { AudioForms } from './audio-forms.service.js';
import { ImagesController } from './images.controller.js';
import { MediaService } from './media.service.js';
import { ModerationsController } from './moderations.controller.js';
import { RerankController } from './rerank.controller.js';
import { RerankService } from './rerank.service.js';
import { TemporaryFolder } from './temporary-folder.js';

/** What providers do besides chat and embeddings. */
@Module({
  imports: [EgressModule],
  controllers: [AudioController, ImagesController, ModerationsController, RerankController],
  providers: [AudioForms, MediaService, RerankService, TemporaryFolder],
  exports: [MediaService, RerankService],
})
export class MediaModule {}
