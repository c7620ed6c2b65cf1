import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AuthModule } from '../auth/auth.module.js';
import { ChatModule } from '../chat/chat.module.js';
import { EgressModule } from '../egress/egress.module.js';
import { HttpToolSource } from './http/http-tool-source.js';
import { McpToolSource } from './mcp/mcp-tool-source.js';
import { ProjectToolsEraser } from './stored/project-tools.eraser.js';
import { ServerToolEntity } from './stored/server-tool.entity.js';
import { StoredTools } from './stored/stored-tools.service.js';
import { StoredToolsController } from './stored/stored-tools.controller.js';
import { ToolChanges } from './stored/tool-changes.service.js';
import { ToolHeaders } from './stored/tool-headers.js';
import { ToolDirectory } from './tool-directory.service.js';
import { ToolLoop } from './tool-loop.service.js';
import { ToolRunner } from './tool-runner.service.js';

/** Tools that the server runs for models, and the loop that lets models use them. */
@Module({
  imports: [TypeOrmModule.forFeature([ServerToolEntity]), AuthModule, ChatModule, EgressModule],
  controllers: [StoredToolsController],
  providers: [
    HttpToolSource,
    McpToolSource,
    ProjectToolsEraser,
    StoredTools,
    ToolChanges,
    ToolDirectory,
    ToolHeaders,
    ToolLoop,
    ToolRunner,
  ],
  exports: [ToolDirectory, ToolLoop],
})
export class ToolsModule {}
