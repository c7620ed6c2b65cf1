import type { ServerResponse } from 'node:http';

/** Runs `prepare` once, just before the head of the response is written, when headers can still be set. */
export function beforeHead(response: ServerResponse, prepare: () => void): void {
  const writeHead = response.writeHead.bind(response) as (...parameters: unknown[]) => ServerResponse;
  let isPrepared = false;
  response.writeHead = (...parameters: unknown[]): ServerResponse => {
    if (!isPrepared) {
      isPrepared = true;
      prepare();
    }
    return writeHead(...parameters);
  };
}
