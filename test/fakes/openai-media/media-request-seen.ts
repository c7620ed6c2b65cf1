import type { IncomingHttpHeaders } from 'node:http';

/** What the fake was asked. */
export interface MediaRequestSeen {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** Empty for a form. */
  readonly json: Record<string, unknown>;
  /** Of a form; empty for JSON. */
  readonly fields: readonly (readonly [string, string])[];
  readonly file: { readonly name: string; readonly type: string; readonly bytes: Buffer } | null;
  /** Resolves when the connection is closed before the answer was whole. */
  readonly closedByClient: Promise<void>;
}
