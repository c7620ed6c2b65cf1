/** Where things are; paths on this server. */
export class WelcomeLinksDto {
  /** Interactive documentation. */
  documentation!: string;
  /** The OpenAPI document. */
  openapi!: string;
  /** The models that a key may use. */
  models!: string;
  /** The readiness probe. */
  health!: string;
  /** Metrics for Prometheus. */
  metrics!: string;
}

/** What answers at the bare address. */
export class WelcomeDto {
  /** The product's name. */
  name!: string;
  /** The version that runs. */
  version!: string;
  /** What it is, in a sentence. */
  description!: string;
  links!: WelcomeLinksDto;
}
