import { IsString, Length, Matches } from 'class-validator';
import type { ProjectEntity } from '../auth/project.entity.js';

/** A project to be made. */
export class CreateProjectDto {
  /**
   * What people call the project.
   * @example "search team"
   */
  @IsString()
  @Length(1, 200)
  @Matches(/\S/, { message: 'name must not be blank' })
  name!: string;
}

/** A project, the owner of keys and of everything that is stored. */
export class ProjectDto {
  /** @example "proj_default" */
  id!: string;
  /** What people call the project. */
  name!: string;
  /** When it was made (RFC 3339). */
  created_at!: string;
  /** Since when its keys do not work (RFC 3339); null while they do. */
  disabled_at!: string | null;
}

/** A page of projects, newest first. */
export class ProjectListDto {
  /** Always `list`. */
  object!: 'list';
  data!: ProjectDto[];
  /** Whether there are older projects. */
  has_more!: boolean;
  first_id!: string | null;
  /** What `after` takes to get the next page. */
  last_id!: string | null;
}

/** Shows a project to administrators. */
export function toProjectDto(project: ProjectEntity): ProjectDto {
  return {
    id: project.id,
    name: project.name,
    created_at: project.createdAt.toISOString(),
    disabled_at: project.disabledAt?.toISOString() ?? null,
  };
}
