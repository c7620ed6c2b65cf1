/** How files and batches are kept and worked on; type and injection token in one. */
export abstract class BatchesConfig {
  /** Lines of all batches together that this process works on at once. */
  abstract readonly concurrency: number;
  /** How long a batch is kept after its end, with its results. */
  abstract readonly keptDays: number;
  /** The largest file. */
  abstract readonly fileLimitBytes: number;
  /** What all files of a project may take, results of batches included. */
  abstract readonly storageLimitBytes: number;
}
