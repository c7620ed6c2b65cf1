/**
 * Given to a server by `NODE_OPTIONS=--import`: a request whose body holds one of the words below fails where none of its code
 * could catch it, as a mistake in a callback or a promise that nobody waits for would.
 */
const { parse } = JSON;

JSON.parse = (text, ...rest) => {
  if (typeof text === 'string' && text.includes('fault: exception')) {
    setImmediate(() => {
      throw new Error('injected: nobody caught this, not even with sk-proj-0123456789abcdefghijklmnop');
    });
  }
  if (typeof text === 'string' && text.includes('fault: rejection')) {
    void Promise.reject(new Error('injected: nobody waited for this'));
  }
  return parse(text, ...rest);
};

/**
 * Timers of HELD_TIMER_MS are over when a test says so, by SIGUSR2, and not by the time that a busy machine takes. Those that
 * the signal finds are run by it.
 */
const heldMs = Number(process.env.HELD_TIMER_MS);
const { setTimeout } = globalThis;
const held = new Map();

if (heldMs > 0) {
  globalThis.setTimeout = (work, ms, ...rest) => {
    const timer = setTimeout(work, ms, ...rest);
    if (ms === heldMs) held.set(timer, work);
    return timer;
  };
  Object.defineProperties(globalThis.setTimeout, Object.getOwnPropertyDescriptors(setTimeout));
  process.on('SIGUSR2', () => {
    const due = [...held].filter(([timer]) => !timer._destroyed);
    held.clear();
    for (const [timer, work] of due) {
      clearTimeout(timer);
      work();
    }
  });
}
