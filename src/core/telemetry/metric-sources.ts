/** What metrics ask of features that do not know them; a feature puts its own answer in place when it starts. */
export class MetricSources {
  /** Jobs that wait, by queue; asked at every scrape. */
  queueDepths: () => Promise<Readonly<Record<string, number>>> = () => Promise.resolve({});

  /** Tells whether a model of a provider is one that the gateway knows of by itself, not by a client's word. */
  isKnownModel: (provider: string, model: string) => boolean = () => false;
}
