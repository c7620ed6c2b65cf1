import { refuse } from '../read-parameters.js';

const HEAD = /^data:([a-z0-9][a-z0-9.+-]*\/[a-z0-9][a-z0-9.+-]*)((?:;[a-z0-9-]+=[^;,]*)*);base64$/i;
const LONGEST_HEAD = 256;
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

/** A base64 data URL in parts. Throws `invalid_data_url` when it is not one; the data itself is not decoded. */
export function parseDataUrl(url: string, path: string): { mediaType: string; data: string } {
  const comma = url.indexOf(',');
  const head = comma > 0 && comma <= LONGEST_HEAD ? HEAD.exec(url.slice(0, comma)) : null;
  const mediaType = head?.[1]?.toLowerCase();
  if (mediaType === undefined) {
    return refuse('invalid_data_url', path, `\`${path}\` must look like data:<type>/<subtype>;base64,<data>.`);
  }
  const data = url.slice(comma + 1);
  if (data.length % 4 === 1 || !BASE64.test(data)) {
    return refuse('invalid_data_url', path, `The data of \`${path}\` is not valid base64.`);
  }
  return { mediaType, data };
}
