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
