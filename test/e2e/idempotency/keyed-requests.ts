import { randomUUID } from 'node:crypto';
import type { TestApp } from '../../support/test-app.js';
import type { MeteredRoute } from '../money/metered-routes.js';

/** An answer to a request with an `Idempotency-Key`, to the byte. */
export interface KeyedAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The error's code; null without one. */
  readonly code: string | null;
}

export interface KeyedOptions {
  /** The API key; the admin's when missing. */
  key?: string;
  signal?: AbortSignal;
}

/** A key that nobody used before. */
export function freshKey(): string {
  return `test-${randomUUID()}`;
}

/** Posts with an `Idempotency-Key` and reads all of the answer. */
export async function postKeyed(
  app: TestApp,
  [path, body]: readonly [string, object],
  idempotencyKey: string,
  { key, signal }: KeyedOptions = {},
): Promise<KeyedAnswer> {
  const response = await app.post(path, body, { key, signal, headers: { 'idempotency-key': idempotencyKey } });
  const text = await response.text();
  const code = /"code":\s*"([a-z_]+)"/.exec(text)?.[1] ?? null;
  return { status: response.status, headers: response.headers, text, code };
}

/** The request of a route of the table, with this number. */
export function requestOf(name: string, route: MeteredRoute, index: number): readonly [string, object] {
  return [name.replace('POST ', ''), route.body(index)];
}

/** Sends it again and again while the first one is in flight, and resolves to what comes instead. */
export async function untilAnswered(ask: () => Promise<KeyedAnswer>): Promise<KeyedAnswer> {
  for (;;) {
    const answer = await ask();
    if (answer.code !== 'idempotency_in_flight') return answer;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
