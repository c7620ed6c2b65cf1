/** What may be reached at URLs that users give; type and injection token in one. */
export abstract class EgressConfig {
  /** Addresses and CIDR ranges that may be reached although they are not public. */
  abstract readonly allow: readonly string[];
}
