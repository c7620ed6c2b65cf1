/** How a provider stands at the moment. */
export interface ProviderGauges {
  readonly provider: string;
  /** `usable` leaves out those that were refused or have no money left. */
  readonly credentials: { readonly total: number; readonly usable: number };
  /** Null when its operator set no limits; `refused` counts requests that found no place, since the start. */
  readonly limits: { readonly inUse: number; readonly queued: number; readonly refused: number } | null;
}

/** What metrics ask of features that do not know them; a feature puts its own answer in place when it starts. */
export class MetricSources {
  /** Jobs that wait, by queue; asked at every scrape. */
  queueDepths: () => Promise<Readonly<Record<string, number>>> = () => Promise.resolve({});

  /** Every provider as it stands; asked at every scrape. */
  providers: () => readonly ProviderGauges[] = () => [];

  /** Tells whether a model of a provider is one that the gateway knows of by itself, not by a client's word. */
  isKnownModel: (provider: string, model: string) => boolean = () => false;
}
