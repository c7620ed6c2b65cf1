import type { IncomingMessage, ServerResponse } from 'node:http';
import helmet from 'helmet';

/** A header of every answer: its name and its value. */
export type FixedHeader = readonly [name: string, value: string];

/** Helmet's headers; they are the same for every answer, so they are asked for once. */
export function securityHeaders(): FixedHeader[] {
  const headers: FixedHeader[] = [];
  const protect = helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        imgSrc: ["'self'", 'data:'],
        // The documentation's page styles its own elements.
        styleSrc: ["'self'", "'unsafe-inline'"],
        frameAncestors: ["'none'"],
        baseUri: ["'none'"],
        objectSrc: ["'none'"],
      },
    },
    // Whoever terminates TLS in front of this server decides about it.
    strictTransportSecurity: false,
  });
  const recorder = {
    setHeader: (name: string, value: string) => headers.push([name, value]),
    removeHeader: () => undefined,
  };
  protect({} as IncomingMessage, recorder as unknown as ServerResponse, (error) => {
    if (error instanceof Error) throw error;
  });
  return headers;
}
