import { Body, Controller, Get, Param, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Authenticated } from '../auth/authenticated.decorator.js';
import { ProjectsService } from '../auth/projects.service.js';
import { ErrorResponse } from '../http/error-response.dto.js';
import { toListPage } from './list-page.js';
import { ListQueryDto } from './list-query.dto.js';
import { CreateProjectDto, ProjectDto, ProjectListDto, toProjectDto } from './project.dto.js';

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
  async create(@Body() body: CreateProjectDto): Promise<ProjectDto> {
    return toProjectDto(await this.projects.create(body.name));
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
}
