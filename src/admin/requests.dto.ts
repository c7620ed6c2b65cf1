import {
  RecordedAttemptDto,
  RecordedRequestDto,
  toRecordedAttemptDto,
  toRecordedRequestDto,
} from '../usage/recorded-request.dto.js';
import type { RecordedRequest } from '../usage/reports/recorded-requests.service.js';

/** One request that was sent to a provider, as administrators see it. */
export class LedgerAttemptDto extends RecordedAttemptDto {
  /** A hash of the credential that was used; null where none was needed. */
  credential!: string | null;
}

/** One admitted request, as administrators see it. */
export class LedgerRequestDto extends RecordedRequestDto {
  /** The ledger's own id of it. */
  declare id: string;
  /** Its `x-request-id`, which a client may use for several requests. */
  request_id!: string;
  project_id!: string;
  /** The requests sent to providers for it, in order. */
  declare attempts: LedgerAttemptDto[];
}

/** A page of requests, newest first. */
export class LedgerRequestListDto {
  /** Always `list`. */
  object!: 'list';
  data!: LedgerRequestDto[];
  /** Whether there are older ones. */
  has_more!: boolean;
  first_id!: string | null;
  /** What `after` takes to get the next page. */
  last_id!: string | null;
}

/** A request of the ledger in the form of the API. */
export function toLedgerRequestDto({ request, attempts }: RecordedRequest): LedgerRequestDto {
  return Object.assign(toRecordedRequestDto(request, []), {
    id: request.id,
    request_id: request.requestId,
    project_id: request.projectId,
    attempts: attempts.map((attempt) =>
      Object.assign(toRecordedAttemptDto(attempt), { credential: attempt.credential }),
    ),
  });
}
