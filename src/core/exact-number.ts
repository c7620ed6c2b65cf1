type RawJson = (text: string) => unknown;

// Not in Node 20, whose numbers are doubles from the parser to the writer.
const { rawJSON } = JSON as { rawJSON?: RawJson };

/** Whether the runtime can write a number by its text; where it cannot, nobody makes an ExactNumber. */
export const canWriteExactly = rawJSON !== undefined;

/** The value where it is a number, rounded if need be; undefined for anything else. */
export function asNumber(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  return value instanceof ExactNumber ? value.valueOf() : undefined;
}

/** A number of a JSON text whose digits say more than a double can hold. JSON.stringify writes them as they came. */
export class ExactNumber {
  readonly text: string;

  // Written out, because processes that read documents are started from the sources in tests, with types only stripped.
  constructor(text: string) {
    this.text = text;
  }

  /** The nearest double; infinite where there is none. */
  valueOf(): number {
    return Number(this.text);
  }

  toString(): string {
    return this.text;
  }

  toJSON(): unknown {
    return rawJSON?.(this.text);
  }
}
