import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { type EntityManager, IsNull, type Repository } from 'typeorm';
import type { BudgetStanding } from '../budgets/budget-standing.js';
import { BudgetTermsStore } from '../budgets/budget-terms.store.js';
import type { WantedBudget } from '../budgets/check-budgets.js';
import { AppError } from '../core/errors/app-error.js';
import { newId } from '../core/ids.js';
import type { Principal } from '../core/principal.js';
import { AdminChanges } from './admin-changes.js';
import { type ChangeAuthor, differenceOf } from './audit/audit-log.js';
import { projectFacts } from './key-facts.js';
import { listNewest, type Page, type PageRequest } from './list-newest.js';
import { DEFAULT_PROJECT_ID, PROJECT_ID, ProjectEntity } from './project.entity.js';
import { ProjectErasure } from './project-erasure.service.js';
import { changeLimits, type LimitChanges, NO_LIMITS } from './request-limits.js';

/** A change of a project; what is absent stays as it is. */
export interface ProjectChanges {
  readonly name?: string;
  readonly limits?: LimitChanges | null;
  /** All of them; null means none. */
  readonly budgets?: readonly WantedBudget[] | null;
  readonly isDisabled?: boolean;
}

/** A project to be made. What is absent limits nothing. */
export interface NewProject extends Omit<ProjectChanges, 'isDisabled'> {
  readonly name: string;
}

export interface ProjectRecord {
  readonly project: ProjectEntity;
  readonly budgets: readonly BudgetStanding[];
}

/** The projects that own everything else. */
@Injectable()
export class ProjectsService {
  constructor(
    @InjectRepository(ProjectEntity) private readonly projects: Repository<ProjectEntity>,
    private readonly budgets: BudgetTermsStore,
    private readonly changes: AdminChanges,
    private readonly erasure: ProjectErasure,
  ) {}

  async create(wanted: NewProject, author: ChangeAuthor): Promise<ProjectRecord> {
    const budgets = await this.budgets.check(wanted.budgets ?? []);
    const id = newId('proj_');
    await this.changes.perform(author, async (manager) => {
      await manager.insert(ProjectEntity, { id, name: wanted.name, ...changeLimits(NO_LIMITS, wanted.limits) });
      if (budgets.length > 0) await this.budgets.replace(manager, { kind: 'project', id }, budgets);
      const changes = differenceOf(null, projectFacts(await findProject(manager, id), budgets));
      return { result: null, audited: { action: 'project.create', target: id, changes }, concerns: null };
    });
    return this.get(id);
  }

  /** Throws `invalid_cursor`. */
  async list(page: PageRequest): Promise<Page<ProjectRecord>> {
    const { items, hasMore } = await listNewest(this.projects, page, { deletedAt: IsNull() });
    const budgets = await this.budgets.standings(items.map(({ id }) => ({ kind: 'project', id })));
    return { items: items.map((project) => ({ project, budgets: budgets.get(project.id) ?? [] })), hasMore };
  }

  /** Throws `not_found`. */
  async get(id: string): Promise<ProjectRecord> {
    const project = await findProject(this.projects.manager, id);
    return { project, budgets: (await this.budgets.standings([{ kind: 'project', id }])).get(id) ?? [] };
  }

  /**
   * Changes a project: here at once, in other replicas within the cache's life. The keys of a disabled one are refused as
   * unknown ones are. Throws `not_found`, `invalid_value`, `invalid_state` for disabling the default project, and
   * `last_admin_key` when nobody could administer afterwards.
   */
  async change(id: string, wanted: ProjectChanges, author: ChangeAuthor): Promise<ProjectRecord> {
    const checked = wanted.budgets === undefined ? undefined : await this.budgets.check(wanted.budgets ?? []);
    await this.changes.perform(author, async (manager) => {
      const project = await findProject(manager, id);
      if (wanted.isDisabled) assertNotDefault(id, 'disabled');
      const owner = { kind: 'project', id } as const;
      const budgets = (await this.budgets.of([owner], manager)).get(id) ?? [];
      const before = projectFacts(project, budgets);
      if (wanted.name !== undefined) project.name = wanted.name;
      Object.assign(project, changeLimits(project, wanted.limits));
      await manager.save(ProjectEntity, project);
      if (wanted.isDisabled !== undefined) await setDisabled(manager, id, wanted.isDisabled);
      if (checked) await this.budgets.replace(manager, owner, checked);
      const changes = differenceOf(before, projectFacts(await findProject(manager, id), checked ?? budgets));
      const audited = Object.keys(changes).length === 0 ? null : { action: 'project.change', target: id, changes };
      return { result: null, audited, concerns: isOfProject(id) };
    });
    return this.get(id);
  }

  /**
   * Revokes every key of a project for good and has all that it stored erased soon after; the ledger keeps what it used.
   * Throws `not_found`, `invalid_state` for the default project, and `last_admin_key` when nobody could administer
   * afterwards.
   */
  async delete(id: string, author: ChangeAuthor): Promise<void> {
    await this.changes.perform(author, async (manager) => {
      const project = await findProject(manager, id);
      assertNotDefault(id, 'deleted');
      const [, revoked] = await manager.query<[unknown, number]>(
        'update api_key set revoked_at = clock_timestamp() where project_id = $1 and revoked_at is null',
        [id],
      );
      await manager.query(
        `update project set deleted_at = clock_timestamp(), disabled_at = coalesce(disabled_at, clock_timestamp())
          where id = $1`,
        [id],
      );
      const changes = { name: project.name, keys_revoked: revoked };
      return { result: null, audited: { action: 'project.delete', target: id, changes }, concerns: isOfProject(id) };
    });
    this.erasure.start();
  }
}

/** A project that was not deleted. Throws `not_found`; `param` names the field of a body that the id came from. */
export async function findProject(manager: EntityManager, id: string, param?: string): Promise<ProjectEntity> {
  const project = PROJECT_ID.test(id) ? await manager.findOneBy(ProjectEntity, { id, deletedAt: IsNull() }) : null;
  if (!project) throw new AppError('not_found', 'There is no such project.', { param });
  return project;
}

async function setDisabled(manager: EntityManager, id: string, isDisabled: boolean): Promise<void> {
  const value = isDisabled ? 'coalesce(disabled_at, clock_timestamp())' : 'null';
  await manager.query(`update project set disabled_at = ${value} where id = $1`, [id]);
}

function isOfProject(id: string): (principal: Principal) => boolean {
  return ({ projectId }) => projectId === id;
}

// New keys go there, and so does the one that TRUNKLINE_ADMIN_KEY ensures.
function assertNotDefault(id: string, deed: string): void {
  if (id !== DEFAULT_PROJECT_ID) return;
  throw new AppError('invalid_state', `The default project cannot be ${deed}.`);
}
