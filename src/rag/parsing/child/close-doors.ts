import dns from 'node:dns';
import net from 'node:net';

/** Takes the network away from this process, for whatever a document gets its parser to do. Files are behind Node's permissions. */
export function closeDoors(): void {
  const refuse = (): never => {
    throw new Error('Documents have no network.');
  };
  net.Socket.prototype.connect = refuse;
  dns.lookup = refuse as unknown as typeof dns.lookup;
  for (const name of ['fetch', 'WebSocket', 'EventSource', 'XMLHttpRequest']) {
    Object.defineProperty(globalThis, name, { value: undefined, writable: false, configurable: false });
  }
}
