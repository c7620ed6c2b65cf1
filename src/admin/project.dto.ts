import { IsBoolean, IsString, Length, Matches, ValidateIf } from 'class-validator';
import type { ProjectRecord } from '../auth/projects.service.js';
import { ShownBudgetDto, toShownBudget } from './key-budget.dto.js';
import { ShownLimitsDto, toShownLimits } from './key-limits.dto.js';
import { SharedTermsDto } from './key-terms.dto.js';

/** A project to be made. */
export class CreateProjectDto extends SharedTermsDto {
  /**
   * What people call the project.
   * @example "search team"
   */
  @IsString()
  @Length(1, 200)
  @Matches(/\S/, { message: 'name must not be blank' })
  name!: string;
}

/** A change of a project; what is absent stays as it is. */
export class ChangeProjectDto extends SharedTermsDto {
  /**
   * What people call the project.
   * @example "search team"
   */
  @ValidateIf((_project, name) => name !== undefined)
  @IsString()
  @Length(1, 200)
  @Matches(/\S/, { message: 'name must not be blank' })
  name?: string;

  /** True while its keys and tokens are to be refused; nothing that it stored is lost. */
  @ValidateIf((_project, disabled) => disabled !== undefined)
  @IsBoolean()
  disabled?: boolean;
}

/** A project, the owner of keys and of everything that is stored. */
export class ProjectDto {
  /** @example "proj_default" */
  id!: string;
  /** What people call the project. */
  name!: string;
  /** What may be asked for with all its keys together; null when nothing is limited. */
  limits!: ShownLimitsDto | null;
  /** What may be spent with all its keys together. */
  budgets!: ShownBudgetDto[];
  /** When it was made (RFC 3339). */
  created_at!: string;
  /** Since when its keys do not work (RFC 3339); null while they do. */
  disabled_at!: string | null;
}

/** A project that was deleted. */
export class DeletedProjectDto {
  id!: string;
  /** Always true. */
  deleted!: true;
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
export function toProjectDto({ project, budgets }: ProjectRecord): ProjectDto {
  return {
    id: project.id,
    name: project.name,
    limits: toShownLimits(project),
    budgets: budgets.map(toShownBudget),
    created_at: project.createdAt.toISOString(),
    disabled_at: project.disabledAt?.toISOString() ?? null,
  };
}
