/** What the JSON texts of some chunks have in common: all but the delivered text, which stands between the two as it is. */
export interface ChunkShape {
  readonly prefix: string;
  readonly suffix: string;
}
