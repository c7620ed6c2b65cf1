/** What the secrets that the server keeps are encrypted with; type and injection token in one. */
export abstract class SecretsConfig {
  /** `TRUNKLINE_SECRET`; null when nobody set it. */
  abstract readonly secret: string | null;
  /** `TRUNKLINE_SECRET_PREVIOUS`, which still opens what it closed; null when nobody set it. */
  abstract readonly previous: string | null;
  /** Where a secret of our own making lies when nobody set one; null where replicas could not share the file. */
  abstract readonly file: string | null;
}
