import { Body, Controller, Delete, Get, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { ChangeAuthor } from '../auth/audit/audit-log.js';
import { Authenticated } from '../auth/authenticated.decorator.js';
import { ProjectsService } from '../auth/projects.service.js';
import { ErrorResponse } from '../http/error-response.dto.js';
import { ListQueryDto } from '../http/list-query.dto.js';
import { Author } from './audit-author.decorator.js';
import { toWantedBudgets } from './key-budget.dto.js';
import { toLimitChanges } from './key-limits.dto.js';
import { toListPage } from './list-page.js';
import {
  ChangeProjectDto,
  CreateProjectDto,
  DeletedProjectDto,
  ProjectDto,
  ProjectListDto,
  toProjectDto,
} from './project.dto.js';

/** `/admin/projects`: the owners of keys and data. */
@ApiTags('Administration')
@Authenticated('admin')
@Controller('admin/projects')
export class ProjectsController {
  constructor(private readonly projects: ProjectsService) {}

  @Post()
  @ApiOperation({ summary: 'Make a project' })
  @ApiResponse({ status: 201, type: ProjectDto })
  @ApiResponse({ status: 400, description: 'A field is missing, unknown or wrong.', type: ErrorResponse })
  async create(@Body() body: CreateProjectDto, @Author() author: ChangeAuthor): Promise<ProjectDto> {
    const { name, limits, budgets } = body;
    const wanted = { name, limits: toLimitChanges(limits), budgets: toWantedBudgets(budgets) };
    return toProjectDto(await this.projects.create(wanted, author));
  }

  @Get()
  @ApiOperation({ summary: 'List projects, newest first' })
  @ApiResponse({ status: 200, type: ProjectListDto })
  @ApiResponse({ status: 400, description: '`limit` or `after` is wrong.', type: ErrorResponse })
  async list(@Query() query: ListQueryDto): Promise<ProjectListDto> {
    return toListPage(await this.projects.list(query), toProjectDto);
  }

  @Get(':id')
  @ApiOperation({ summary: 'Show a project' })
  @ApiResponse({ status: 200, type: ProjectDto })
  @ApiResponse({ status: 404, description: 'There is no such project.', type: ErrorResponse })
  async get(@Param('id') id: string): Promise<ProjectDto> {
    return toProjectDto(await this.projects.get(id));
  }

  @Patch(':id')
  @ApiOperation({ summary: 'Change or disable a project: at once here, within five seconds everywhere' })
  @ApiResponse({ status: 200, type: ProjectDto })
  @ApiResponse({ status: 400, description: 'A field is unknown or wrong.', type: ErrorResponse })
  @ApiResponse({ status: 404, description: 'There is no such project.', type: ErrorResponse })
  @ApiResponse({
    status: 409,
    description: 'It is the default project, or has the last admin key.',
    type: ErrorResponse,
  })
  async change(
    @Param('id') id: string,
    @Body() body: ChangeProjectDto,
    @Author() author: ChangeAuthor,
  ): Promise<ProjectDto> {
    const { name, limits, budgets, disabled: isDisabled } = body;
    const wanted = { name, limits: toLimitChanges(limits), budgets: toWantedBudgets(budgets), isDisabled };
    return toProjectDto(await this.projects.change(id, wanted, author));
  }

  @Delete(':id')
  @ApiOperation({
    summary: 'Delete a project: its keys are revoked for good, what it stored is erased, its usage stays',
  })
  @ApiResponse({ status: 200, type: DeletedProjectDto })
  @ApiResponse({ status: 404, description: 'There is no such project.', type: ErrorResponse })
  @ApiResponse({
    status: 409,
    description: 'It is the default project, or has the last admin key.',
    type: ErrorResponse,
  })
  async delete(@Param('id') id: string, @Author() author: ChangeAuthor): Promise<DeletedProjectDto> {
    await this.projects.delete(id, author);
    return { id, deleted: true };
  }
}
