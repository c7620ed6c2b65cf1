/** What a probe gets. */
export class HealthDto {
  /** `degraded` still takes requests; `error` does not. */
  status!: 'ok' | 'degraded' | 'error' | 'shutting_down';
  /** The dependencies that do not keep the server from working, by name. */
  info?: Record<string, object>;
  /** The dependencies that do, by name. */
  error?: Record<string, object> | null;
  /** All of them, by name. */
  details!: Record<string, object>;
}
