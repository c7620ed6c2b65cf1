import type { ByteSource } from './byte-source.js';

/** Response headers by lower-case name. */
export type ResponseHeaders = Readonly<Record<string, string | string[] | undefined>>;

/** The head of an answer that is no redirect, and its body, decompressed and still on its way. */
export interface HttpResponse {
  readonly status: number;
  readonly headers: ResponseHeaders;
  readonly body: ByteSource;
}

/** The value of a header, the first one when it was sent several times; null when it is missing. */
export function headerOf(headers: ResponseHeaders, name: string): string | null {
  const value = headers[name];
  return (Array.isArray(value) ? value[0] : value) ?? null;
}

/** The media type in lower case, without its parameters; null when the header is missing or empty. */
export function mediaTypeOf(headers: ResponseHeaders): string | null {
  const type = headerOf(headers, 'content-type')?.split(';', 1)[0]?.trim().toLowerCase();
  return type === undefined || type === '' ? null : type;
}
