import { Controller, Get, Req } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Request } from 'express';
import { Access } from './route-access.js';
import { WelcomeDto } from './welcome.dto.js';

/** Tells whoever opens the bare address what this is and where to go on. */
@ApiTags('Operations')
@Controller()
export class WelcomeController {
  @Get()
  @Access({ kind: 'public' })
  @ApiOperation({ summary: 'What this server is, and where its documentation and probes are' })
  @ApiOkResponse({ type: WelcomeDto })
  welcome(@Req() request: Request): WelcomeDto {
    const { version } = request.app.locals as { version?: string };
    return {
      name: 'Trunkline',
      version: version ?? 'unknown',
      description: 'Self-hosted AI backend: chat, embeddings and answers from your documents, behind one API.',
      links: {
        documentation: '/docs',
        openapi: '/openapi.json',
        models: '/v1/models',
        health: '/health/ready',
        metrics: '/metrics',
      },
    };
  }
}
