import { connect } from 'node:net';

const WAIT_MS = 5_000;

/** One answer as it stood on the wire; names of headers are in lower case, the last of several counts. */
export interface RawAnswer {
  status: number;
  headers: Record<string, string>;
  body: string;
  /** Everything that came, from the first byte. */
  text: string;
  /** Whether the server ended the connection within the wait. */
  isClosed: boolean;
}

/** Writes bytes to a server and reads until it closes the connection, or says nothing new for `idleMs`. */
export function sendRaw(url: string, bytes: string | Uint8Array, idleMs = WAIT_MS): Promise<RawAnswer> {
  return new Promise((resolve) => {
    let text = '';
    let isClosed = true;
    const socket = connect(Number(new URL(url).port), '127.0.0.1', () => socket.write(bytes));
    socket.setTimeout(idleMs, () => {
      isClosed = false;
      socket.destroy();
    });
    socket.on('data', (chunk) => (text += chunk.toString('latin1')));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      resolve({ ...parseAnswer(text), text, isClosed });
    });
  });
}

/** A request as bytes; header lines go out as they are given. */
export function rawRequest(line: string, headers: readonly string[], body = ''): string {
  return `${[`${line} HTTP/1.1`, 'Host: a', ...headers].join('\r\n')}\r\n\r\n${body}`;
}

/** How many answers a text holds: more than expected means a smuggled request. */
export function countAnswers(text: string): number {
  return text.match(/^HTTP\/1\.1 (?!100)/gm)?.length ?? 0;
}

function parseAnswer(text: string): Pick<RawAnswer, 'status' | 'headers' | 'body'> {
  const start = text.startsWith('HTTP/1.1 100') ? text.indexOf('\r\n\r\n') + 4 : 0;
  const end = text.indexOf('\r\n\r\n', start);
  const [line = '', ...lines] = text.slice(start, end).split('\r\n');
  const headers = Object.fromEntries(
    lines.map((header) => {
      const colon = header.indexOf(':');
      return [header.slice(0, colon).toLowerCase(), header.slice(colon + 1).trim()];
    }),
  );
  return { status: Number(/^HTTP\/1\.1 (\d{3})/.exec(line)?.[1] ?? 0), headers, body: text.slice(end + 4) };
}
