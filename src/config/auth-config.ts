/** What the environment says about keys; type and injection token in one. */
export abstract class AuthConfig {
  /** `TRUNKLINE_ADMIN_KEY`: ensured as an admin key at every start; null means that the first start makes one. */
  abstract readonly adminKey: string | null;
}
