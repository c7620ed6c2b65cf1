import dgram from 'node:dgram';
import dns from 'node:dns';
import net from 'node:net';

/** Takes the network away from this process, for whatever a document gets its parser to do. Files are behind Node's permissions. */
export function closeDoors(): void {
  const refuse = (): never => {
    throw new Error('Documents have no network.');
  };
  net.Socket.prototype.connect = refuse;
  for (const name of ['bind', 'connect', 'send'] as const) dgram.Socket.prototype[name] = refuse;
  // Names alone can carry words out.
  for (const owner of [dns, dns.promises, dns.Resolver.prototype, dns.promises.Resolver.prototype]) {
    for (const name of Object.getOwnPropertyNames(owner)) {
      if (/^(?:lookup|resolve|reverse)/.test(name)) Object.defineProperty(owner, name, { value: refuse });
    }
  }
  for (const name of ['fetch', 'WebSocket', 'EventSource', 'XMLHttpRequest']) {
    Object.defineProperty(globalThis, name, { value: undefined, writable: false, configurable: false });
  }
}
