import type { TraceState } from '@opentelemetry/api';

/** What the recommendation asks everybody to carry: members, and characters of all of them together. */
const MOST_MEMBERS = 32;
const MOST_CHARACTERS = 512;
const KEY = /^(?:[a-z][a-z0-9_\-*/]{0,255}|[a-z0-9][a-z0-9_\-*/]{0,240}@[a-z][a-z0-9_\-*/]{0,13})$/;
const VALUE = /^[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/;

/** A `tracestate` as it came, to be passed on: members of other systems, which mean nothing here. Never changes. */
export class CarriedState implements TraceState {
  readonly #members: ReadonlyMap<string, string>;

  private constructor(members: ReadonlyMap<string, string>) {
    this.#members = members;
  }

  /** Null where the header is none, or anything in it is not valid: then all of it is worth nothing. */
  static read(header: string | string[] | undefined): CarriedState | null {
    if (typeof header !== 'string' || header === '' || header.length > MOST_CHARACTERS) return null;
    const members = new Map<string, string>();
    for (const member of header.split(',').map((part) => part.trim())) {
      if (member === '') continue;
      const at = member.indexOf('=');
      const [key, value] = [member.slice(0, Math.max(at, 0)), member.slice(at + 1)];
      if (!KEY.test(key) || !VALUE.test(value) || members.has(key)) return null;
      members.set(key, value);
    }
    return members.size === 0 || members.size > MOST_MEMBERS ? null : new CarriedState(members);
  }

  get(key: string): string | undefined {
    return this.#members.get(key);
  }

  // The latest comes first.
  set(key: string, value: string): CarriedState {
    const others = [...this.#members].filter(([name]) => name !== key);
    return new CarriedState(new Map([[key, value], ...others]));
  }

  unset(key: string): CarriedState {
    return new CarriedState(new Map([...this.#members].filter(([name]) => name !== key)));
  }

  serialize(): string {
    return [...this.#members].map(([key, value]) => `${key}=${value}`).join(',');
  }
}
