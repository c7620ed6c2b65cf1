/** One server-sent event. `data` is written as it is, one `data:` line for each of its lines. */
export interface SseFrame {
  event?: string;
  data: string;
}
