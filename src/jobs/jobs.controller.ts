import { Controller, Delete, Get, Param, Post, HttpCode, Query } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Authenticated } from '../auth/authenticated.decorator.js';
import type { CallContext } from '../core/call-context.js';
import { AppError } from '../core/errors/app-error.js';
import { ApiErrors } from '../http/api-errors.decorator.js';
import { Call } from '../http/call.decorator.js';
import { listOf } from '../http/list-of.js';
import { JobDto, JobListDto, JobListQueryDto, toJobDto } from './job.dto.js';
import { JobQueue } from './job-queue.js';

/** The project's background jobs. */
@ApiTags('Jobs')
@Controller('v1/jobs')
@Authenticated()
export class JobsController {
  constructor(private readonly queue: JobQueue) {}

  @Get()
  @ApiOperation({ summary: 'List background jobs, newest first' })
  @ApiResponse({ status: 200, type: JobListDto })
  @ApiErrors(400, 500)
  async list(@Query() query: JobListQueryDto, @Call() call: CallContext): Promise<JobListDto> {
    const { jobs, hasMore } = await this.queue.list(call.principal.projectId, query);
    return listOf(jobs.map(toJobDto), hasMore);
  }

  @Get(':id')
  @ApiOperation({ summary: 'Get a background job' })
  @ApiResponse({ status: 200, type: JobDto })
  @ApiResponse({ status: 404, description: 'The project has no such job.' })
  async find(@Param('id') id: string, @Call() call: CallContext): Promise<JobDto> {
    const job = await this.queue.find(call.principal.projectId, id);
    if (!job) throw notFound();
    return toJobDto(job);
  }

  @Delete(':id')
  @ApiOperation({ summary: 'Cancel a background job' })
  @ApiResponse({ status: 200, type: JobDto, description: 'The cancelled job.' })
  @ApiResponse({ status: 404, description: 'The project has no such job.' })
  @ApiResponse({ status: 409, description: 'The job is finished.' })
  async cancel(@Param('id') id: string, @Call() call: CallContext): Promise<JobDto> {
    const job = await this.queue.cancel(call.principal.projectId, id);
    if (!job) throw notFound();
    return toJobDto(job);
  }

  @Post(':id/retry')
  @HttpCode(202)
  @ApiOperation({ summary: 'Try a failed or cancelled background job again' })
  @ApiResponse({ status: 202, type: JobDto, description: 'The job, queued again in the name of this key.' })
  @ApiResponse({ status: 403, description: 'The key lacks the scope that such a job needs.' })
  @ApiResponse({ status: 404, description: 'The project has no such job.' })
  @ApiResponse({ status: 409, description: 'The job is not over, has succeeded, or is a batch.' })
  async retry(@Param('id') id: string, @Call() call: CallContext): Promise<JobDto> {
    const job = await this.queue.retry(call.principal, id);
    if (!job) throw notFound();
    return toJobDto(job);
  }
}

function notFound(): AppError {
  return new AppError('not_found', 'There is no job with this id.', { param: 'id' });
}
