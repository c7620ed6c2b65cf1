import type { ServerResponse } from 'node:http';
import { replySettingsOf } from './reply-settings.js';

/** Resolves once a slow client has caught up or left; one that reads nothing for the time a write may take is cut off. */
export function drained(response: ServerResponse): Promise<void> {
  const { clock, writeMs } = replySettingsOf(response);
  return new Promise((resolve) => {
    const done = (): void => {
      cancel();
      response.off('drain', done);
      response.off('close', done);
      resolve();
    };
    // It would hold the upstream, its permit and our memory for as long as it likes.
    const cancel = clock.schedule(() => {
      response.destroy();
      done();
    }, writeMs);
    response.once('drain', done);
    response.once('close', done);
  });
}
