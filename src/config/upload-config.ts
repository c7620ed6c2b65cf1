/** How files are taken in and read; type and injection token in one. */
export abstract class UploadConfig {
  /** The largest file. */
  abstract readonly limitBytes: number;
  /** The largest file of sound that is to be written down. */
  abstract readonly audioLimitBytes: number;
  /** Files that are read at the same time, each in a process of its own. */
  abstract readonly parserProcesses: number;
}
