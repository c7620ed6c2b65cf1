/** How long responses are stored; type and injection token in one. */
export abstract class ResponsesConfig {
  /** Days that a response is kept after the last one that goes on from it. */
  abstract readonly keptDays: number;
}
