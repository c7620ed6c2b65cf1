import { rawRequest } from './raw-http.js';
import { sendPipelined } from './send-pipelined.js';
import type { TestApp } from './test-app.js';

const LANES = 10;

/** Sends so many requests, a multiple of ten, that are like no other one, and gives how many were answered. */
export async function sendJunk(app: TestApp, count: number): Promise<number> {
  const answers = await Promise.all(
    Array.from({ length: LANES }, (_, lane) => {
      const requests = Array.from({ length: count / LANES }, (_each, index) => junkRequest(app, index * LANES + lane));
      return sendPipelined(app.url, requests);
    }),
  );
  return answers.reduce((sum, answered) => sum + answered, 0);
}

/** The names of all series, with their labels, of a text in Prometheus' format. */
export function seriesOf(text: string): string[] {
  return text.split('\n').flatMap((line) => /^(\w+(?:\{.*\})?) \S+$/.exec(line)?.[1] ?? []);
}

/** A model, path, key, method, tag and user agent that nobody has ever seen. */
function junkRequest({ adminKey }: TestApp, index: number): string {
  const junk = `junk-${String(index)}`;
  const kind = index % 5;
  const headers = [
    `Authorization: Bearer ${kind === 1 ? junk : adminKey}`,
    `User-Agent: ${junk}`,
    `X-Trunkline-Tags: ${junk}`,
    `X-Request-Id: ${junk}`,
  ];
  const body = JSON.stringify({ model: junk, messages: [{ role: 'user', content: 'x' }] });
  const sized = ['Content-Type: application/json', `Content-Length: ${String(body.length)}`];
  switch (kind) {
    case 0:
      return rawRequest(`GET /${junk}/${junk}?${junk}`, headers);
    case 1:
      return rawRequest('GET /v1/models', headers);
    case 2:
      return rawRequest(`${['PROPFIND', 'MKCOL', 'REPORT', 'PURGE'][index % 4] ?? ''} /v1/${junk}`, headers);
    case 3:
      return rawRequest('POST /v1/chat/completions', [...headers, ...sized], body);
    default:
      return rawRequest(`GET /v1/jobs/${junk}`, headers);
  }
}
