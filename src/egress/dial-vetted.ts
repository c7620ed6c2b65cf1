import { isIP, type LookupFunction, type Socket } from 'node:net';
import { buildConnector } from 'undici';
import { hostRefused } from './egress-errors.js';
import type { EgressPolicy } from './egress-policy.js';
import type { HostResolver } from './host-resolver.js';

const CONNECT_MS = 5_000;

/**
 * Connects to nothing but addresses that the policy allows: a name is resolved once, every address of it is checked, and only
 * those are dialled. A name with a refused address among its others is refused as a whole.
 */
export function dialVetted(policy: EgressPolicy, resolver: HostResolver): buildConnector.connector {
  const connect = buildConnector({ timeout: CONNECT_MS, allowH2: false, lookup: vettedLookup(policy, resolver) });
  return (options, callback) => {
    const address = options.hostname.replace(/^\[|\]$/g, '');
    // Addresses are dialled without a lookup.
    if (isIP(address) !== 0 && !policy.allowsAddress(address)) {
      callback(hostRefused(), null);
      return;
    }
    connect(options, (...[error, socket]) => {
      if (error) callback(error, null);
      else if (isPeerAllowed(socket, policy)) callback(null, socket);
      else callback(hostRefused({ cause: socket.destroy() }), null);
    });
  };
}

function vettedLookup(policy: EgressPolicy, resolver: HostResolver): LookupFunction {
  return (hostname, options, callback) => {
    vettedAddresses(hostname, policy, resolver).then(
      (addresses) => {
        const [first = ''] = addresses;
        if (options.all !== true) callback(null, first, isIP(first));
        else
          callback(
            null,
            addresses.map((address) => ({ address, family: isIP(address) })),
          );
      },
      (error: unknown) => {
        callback(error as NodeJS.ErrnoException, '', 0);
      },
    );
  };
}

async function vettedAddresses(
  hostname: string,
  policy: EgressPolicy,
  resolver: HostResolver,
): Promise<readonly string[]> {
  const addresses = await resolver.resolve(hostname).catch((cause: unknown) => {
    throw hostRefused({ cause });
  });
  if (addresses.length === 0 || !addresses.every((address) => policy.allowsAddress(address))) throw hostRefused();
  return addresses;
}

// What was checked is what was dialled; this holds whatever lies between the two.
function isPeerAllowed({ remoteAddress }: Socket, policy: EgressPolicy): boolean {
  return remoteAddress !== undefined && policy.allowsAddress(remoteAddress);
}
