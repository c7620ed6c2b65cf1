// They say how a request is sent, which is not the caller's business.
const FRAMING = new Set([
  'host',
  'connection',
  'content-length',
  'transfer-encoding',
  'keep-alive',
  'upgrade',
  'expect',
]);

/** What a fetch sends along: the caller's own headers, and what is needed to be understood. */
export function ownHeaders(accept = '*/*', headers: Readonly<Record<string, string>> = {}): Record<string, string> {
  const sent: Record<string, string> = { accept, 'accept-encoding': 'identity' };
  for (const [name, value] of Object.entries(headers)) {
    const key = name.toLowerCase();
    if (!FRAMING.has(key)) sent[key] = value;
  }
  return sent;
}
