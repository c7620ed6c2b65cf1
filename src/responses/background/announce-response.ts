import type { JobEnd, OverJob } from '../../jobs/job-kind.js';
import type { Announcement } from '../../jobs/webhooks/announcement.js';
import type { ResponseJobPayload } from './response-job.js';

/** What webhooks are told when a response in the background is over; nothing of one that was cancelled or deleted. */
export function toAnnouncement({ payload }: OverJob<ResponseJobPayload>, end: JobEnd): Announcement | null {
  const data = { id: payload.responseId };
  const status = end.status === 'succeeded' ? end.result?.status : end.status;
  if (status === 'failed') return { type: 'response.failed', data };
  // As complete as it will be.
  if (status === 'completed' || status === 'incomplete') return { type: 'response.completed', data };
  return null;
}
