import type { ToolOutput } from '../server-tool.js';

interface Answer {
  readonly status: number;
  /** In lower case, without parameters. */
  readonly mediaType: string;
  readonly body: Buffer;
}

const TEXTUAL =
  /^(?:text\/.*|application\/(?:.*\+)?(?:json|xml|yaml)|application\/(?:x-ndjson|x-yaml|javascript|x-www-form-urlencoded))$/u;

/** What an HTTP tool answered, in words for the model: its text as it is, and of everything else what it was. */
export function readHttpAnswer({ status, mediaType, body }: Answer): ToolOutput {
  const text = toText(mediaType, body);
  if (status >= 200 && status < 300) {
    return {
      content: text === '' ? `The tool answered with status ${String(status)} and nothing else.` : text,
      isError: false,
    };
  }
  return {
    content: `The tool answered with status ${String(status)}.${text === '' ? '' : `\n${text}`}`,
    isError: true,
  };
}

function toText(mediaType: string, body: Buffer): string {
  if (body.length === 0) return '';
  // Without a type, bytes that make a text are one.
  const decoder = new TextDecoder('utf-8', { fatal: mediaType === '' });
  try {
    if (mediaType === '' || TEXTUAL.test(mediaType)) return decoder.decode(body);
  } catch {
    // Not a text, then.
  }
  const type = /^[\w.+-]+\/[\w.+-]+$/u.test(mediaType) ? mediaType : 'an unknown type';
  return `[${String(body.length)} bytes of ${type}, which cannot be shown as text]`;
}
