/** What a worker tells the process that supervises it. */
export type WorkerMessage =
  /** It listens. */
  | { type: 'ready' }
  /** It failed, takes leave of its connections and will end: another one should take its place. */
  | { type: 'leaving' }
  /** It wants the metrics of all workers, as one text. */
  | { type: 'metrics-wanted'; id: number }
  /** Its own metrics, as prom-client writes them in JSON. */
  | { type: 'metrics'; id: number; metrics: object[] };

/** What the supervising process tells a worker. */
export type SupervisorMessage =
  | { type: 'metrics-collect'; id: number }
  /** The answer to `metrics-wanted`: Prometheus' text format. */
  | { type: 'metrics-text'; id: number; text: string };
