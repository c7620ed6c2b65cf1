import { CHAT_PATH, type Contestant } from './contestant.js';

/** The mock itself, without a gateway before it. */
export const direct: Contestant = {
  name: 'direct',
  title: 'direct (no gateway)',
  prepare: () => Promise.resolve('-'),
  start: ({ mockPort }) =>
    Promise.resolve({
      endpoint: { port: mockPort, path: CHAT_PATH, headers: { authorization: 'Bearer bench' } },
      pid: null,
      startMs: NaN,
      stop: () => Promise.resolve(),
    }),
};
