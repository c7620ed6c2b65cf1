import type { JsonObject } from '../../core/json.js';
import type { BatchProblem } from '../lines/batch-line.js';

export type BatchStatus =
  'validating' | 'in_progress' | 'finalizing' | 'completed' | 'failed' | 'expired' | 'cancelling' | 'cancelled';

/** A row of the table of batches; `bigint` and `numeric` come as texts. */
export interface BatchRow {
  id: string;
  project_id: string;
  key_id: string | null;
  job_id: string | null;
  webhook_id: string | null;
  endpoint: string;
  input_file_id: string | null;
  completion_window: string;
  status: BatchStatus;
  errors: BatchProblem[] | null;
  metadata: JsonObject | null;
  tags: string[];
  total: number;
  completed: number;
  failed: number;
  done_at_renewal: number;
  input_tokens: string;
  cached_tokens: string;
  output_tokens: string;
  reasoning_tokens: string;
  cost_usd: string;
  output_file_id: string | null;
  error_file_id: string | null;
  created_at: Date;
  expires_at: Date;
  in_progress_at: Date | null;
  finished_at: Date | null;
}

export const BATCH_COLUMNS = `id, project_id, key_id, job_id, webhook_id, endpoint, input_file_id, completion_window, status,
  errors, metadata, tags, total, completed, failed, done_at_renewal, input_tokens, cached_tokens, output_tokens,
  reasoning_tokens, cost_usd, output_file_id, error_file_id, created_at, expires_at, in_progress_at, finished_at`;
