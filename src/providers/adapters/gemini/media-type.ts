const TYPES: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  webp: 'image/webp',
  gif: 'image/gif',
  bmp: 'image/bmp',
  heic: 'image/heic',
  heif: 'image/heif',
  pdf: 'application/pdf',
  txt: 'text/plain',
  md: 'text/markdown',
  csv: 'text/csv',
  html: 'text/html',
  xml: 'text/xml',
  json: 'application/json',
  mp3: 'audio/mp3',
  wav: 'audio/wav',
  flac: 'audio/flac',
  ogg: 'audio/ogg',
  m4a: 'audio/m4a',
  mp4: 'video/mp4',
  mov: 'video/quicktime',
  webm: 'video/webm',
};

/** The media type that the extension of an address stands for; null when it does not tell. */
export function mediaTypeOfUrl(address: string): string | null {
  const path = /^[^?#]*/.exec(address)?.[0] ?? '';
  const extension = /\.([A-Za-z0-9]{2,5})$/.exec(path)?.[1]?.toLowerCase() ?? '';
  return Object.hasOwn(TYPES, extension) ? (TYPES[extension] ?? null) : null;
}

const AUDIO: Readonly<Record<string, string>> = { pcm16: 'audio/pcm', opus: 'audio/ogg', m4a: 'audio/m4a' };

/** The media type of a format that OpenAI's audio parts name. */
export function mediaTypeOfAudio(format: string): string {
  return AUDIO[format] ?? `audio/${format}`;
}
