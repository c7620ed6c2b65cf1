import { expect } from '@jest/globals';
import type { Answer, ClientDialect, WireError } from './answer.js';

/** A failure, in our own words. */
interface Failed {
  /** Where the surface has no status of its own for it. */
  status: number;
  code: string;
}

const ANTHROPIC_TYPES: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  404: 'not_found_error',
  429: 'rate_limit_error',
  504: 'timeout_error',
  529: 'overloaded_error',
};

/** The status and the error with which a surface tells a failure before it has said anything. */
export function toldError(
  dialect: ClientDialect,
  failed: Failed & { param?: string | null },
): { status: number; error: Partial<WireError> } {
  const { status, code, param = null } = failed;
  if (dialect !== 'anthropic-messages') return { status, error: { code, type: openAiType(failed), param } };
  const theirs = code === 'upstream_overloaded' ? 529 : status;
  return { status: theirs, error: { type: ANTHROPIC_TYPES[theirs] ?? 'api_error' } };
}

/** The error with which a surface ends a stream that has said something. */
export function toldInBand(dialect: ClientDialect, code: string): Partial<WireError> {
  switch (dialect) {
    case 'anthropic-messages':
      return { type: code === 'upstream_timeout' ? 'timeout_error' : 'api_error' };
    case 'openai-responses':
      return { type: 'server_error', code };
    default:
      return { type: 'upstream_error', code, param: null };
  }
}

/** The answer is a failure, told before anything was said, in the words of its surface. */
export function expectTold(answer: Answer, failed: Failed & { param?: string | null }): void {
  expect({ status: answer.status, error: answer.error }).toMatchObject(toldError(answer.dialect, failed));
  expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
  if (answer.dialect !== 'anthropic-messages') return;
  const id = answer.headers.get('x-request-id');
  expect(JSON.parse(answer.wire)).toMatchObject({ type: 'error', request_id: id });
  expect(answer.headers.get('request-id')).toBe(id);
}

/** Whether it is that failure, as far as the surface says. */
export function isTold(answer: Answer, failed: Failed): boolean {
  const { status, error } = toldError(answer.dialect, failed);
  return answer.status === status && answer.error?.type === error.type && answer.error?.code === (error.code ?? null);
}

function openAiType({ status, code }: Failed): string {
  if (status === 429) return code;
  if (status < 500) return 'invalid_request_error';
  return code === 'no_healthy_upstream' ? 'server_error' : 'upstream_error';
}
