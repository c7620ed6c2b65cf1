const MAX_CHARACTERS = 300;

const CONTROL_CHARACTERS = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu;

const SECRETS: readonly RegExp[] = [
  /\b(?:https?|wss?|ftp):\/\/\S+/gi,
  /\bbearer\s+\S+/gi,
  /\b(?:sk|pk|rk|ak|key|org|proj|sess)[-_][\w*.-]{6,}/gi,
  /\bAIza[\w-]{10,}/g,
  /\beyJ[\w-]{10,}(?:\.[\w-]+)*/g,
  /\b[0-9a-f]{32,}\b/gi,
];

/**
 * A short version of a provider's message that is safe to show: one line, without addresses and without anything that
 * looks like a key or equals `credential`. Null when nothing is left or the text is markup.
 */
export function sanitizeMessage(message: string, credential: string | null): string | null {
  let text = message
    .slice(0, 4 * MAX_CHARACTERS)
    .replaceAll(CONTROL_CHARACTERS, ' ')
    .trim();
  if (text.startsWith('<')) return null;
  if (credential !== null && credential !== '') text = text.replaceAll(credential, '[removed]');
  for (const secret of SECRETS) text = text.replaceAll(secret, '[removed]');
  if (text === '') return null;
  return text.length > MAX_CHARACTERS ? `${text.slice(0, MAX_CHARACTERS - 1).trimEnd()}…` : text;
}
