/** What one attempt shows to be let in. */
export interface Authorization {
  readonly headers: Readonly<Record<string, string>>;
  /** The secret in the headers, to be kept out of messages; null when there is none. */
  readonly secret: string | null;
  /** Called when the provider refused it. */
  readonly refused?: () => void;
}
