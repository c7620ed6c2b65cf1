import type { TestApp } from './test-app.js';

/** A file of a form. */
export interface FormFile {
  name: string;
  content: Buffer | string;
  field?: string;
}

/** The answer to an upload. */
export interface UploadReply {
  status: number;
  body: {
    status?: string;
    job_id?: string | null;
    document_id?: string;
    data?: { status: string; job_id: string | null; document_id: string; file_name: string }[];
    error?: { code: string; message: string; param: string | null };
  };
}

/** Sends files and fields as a browser's form does. */
export async function uploadFiles(
  app: TestApp,
  files: readonly FormFile[],
  fields: Readonly<Record<string, string>> = {},
  key = app.adminKey,
): Promise<UploadReply> {
  const form = new FormData();
  for (const { name, content, field = 'file' } of files) {
    form.append(field, new Blob([new Uint8Array(Buffer.from(content as string))]), name);
  }
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  const headers = { authorization: `Bearer ${key}` };
  const response = await fetch(`${app.url}/v1/documents`, { method: 'POST', body: form, headers });
  return { status: response.status, body: (await response.json()) as UploadReply['body'] };
}

/** A form written by hand, each part with its headers; for what no client writes. */
export function rawForm(parts: readonly { headers: readonly string[]; content: string }[], end = '--X--\r\n'): string {
  const written = parts.map(({ headers, content }) => `--X\r\n${headers.join('\r\n')}\r\n\r\n${content}\r\n`);
  return `${written.join('')}${end}`;
}

/** Sends a body as it is. */
export async function sendRawForm(app: TestApp, body: string, contentType: string): Promise<UploadReply> {
  const headers = { authorization: `Bearer ${app.adminKey}`, 'content-type': contentType };
  const response = await fetch(`${app.url}/v1/documents`, {
    method: 'POST',
    body: Buffer.from(body, 'latin1'),
    headers,
  });
  return { status: response.status, body: (await response.json()) as UploadReply['body'] };
}
