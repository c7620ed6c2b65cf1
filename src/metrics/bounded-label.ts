/** The value of every label whose real value is not in its closed set. */
export const OTHER = 'other';

/** A label's closed set: the values that `allows` takes, and of those only the first `maximum`. */
export class BoundedLabel {
  readonly #seen = new Set<string>();

  constructor(
    private readonly allows: (value: string) => boolean,
    private readonly maximum: number,
  ) {}

  /** The value itself, or `other`. */
  of(value: string): string {
    if (this.#seen.has(value)) return value;
    if (this.#seen.size >= this.maximum || !this.allows(value)) return OTHER;
    this.#seen.add(value);
    return value;
  }
}
