/** What a process is for: requests, what happens in the background (jobs, webhooks, cleaning up), or both. */
export const PROCESS_ROLES = ['both', 'api', 'worker'] as const;

/** One of them. */
export type ProcessRole = (typeof PROCESS_ROLES)[number];

/** Whether a process of the role takes requests. */
export function takesRequests(role: ProcessRole): boolean {
  return role !== 'worker';
}

/** Whether a process of the role does what happens in the background. */
export function runsJobs(role: ProcessRole): boolean {
  return role !== 'api';
}
