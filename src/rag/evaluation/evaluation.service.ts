import { Injectable } from '@nestjs/common';
import { AppError, InvalidRequestError } from '../../core/errors/app-error.js';
import type { JsonObject } from '../../core/json.js';
import type { Principal } from '../../core/principal.js';
import { JobQueue } from '../../jobs/job-queue.js';
import { CollectionsService } from '../collections/collections.service.js';
import { toRetrievalOptions } from '../retrieval/to-retrieval-options.js';
import type { EvaluateReplyDto, EvaluateRequestDto, EvaluationSettingDto } from './evaluation.dto.js';
import { EVALUATION_JOB, type EvaluationJobPayload } from './evaluation-job.js';
import { readJudgements } from './read-judgements.js';

const DEFAULT_SETTINGS: readonly EvaluationSettingDto[] = [{ mode: 'hybrid' }, { mode: 'lexical' }, { mode: 'dense' }];

/** Takes evaluations in: checks what they are to measure and queues the work. */
@Injectable()
export class EvaluationService {
  constructor(
    private readonly collections: CollectionsService,
    private readonly jobs: JobQueue,
  ) {}

  /** Throws `collection_not_found`, and InvalidRequestError for queries and judgements that make no sense. */
  async submit(nameOrId: string, request: EvaluateRequestDto, principal: Principal): Promise<EvaluateReplyDto> {
    const { projectId, keyId } = principal;
    const collection = await this.collections.find(projectId, nameOrId);
    if (!collection) throw new AppError('collection_not_found', 'There is no such collection.', { param: 'id' });
    const payload: EvaluationJobPayload = {
      collectionId: collection.id,
      queries: readJudgements(request.queries, request.qrels).map((query) => ({ ...query })),
      settings: (request.settings ?? DEFAULT_SETTINGS).map(checkSetting),
    };
    const job = await this.jobs.enqueue({ kind: EVALUATION_JOB, projectId, keyId, payload });
    return { status: 'queued', job_id: job.id };
  }
}

// What a search would refuse is refused here, and not in the job later.
function checkSetting(setting: EvaluationSettingDto, index: number): JsonObject {
  try {
    toRetrievalOptions(setting);
  } catch (error) {
    if (!(error instanceof InvalidRequestError)) throw error;
    const param = `settings[${String(index)}].${error.param ?? ''}`;
    throw new InvalidRequestError(error.code, error.message, { param, cause: error });
  }
  return JSON.parse(JSON.stringify(setting)) as JsonObject;
}
