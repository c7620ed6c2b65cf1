import type { IncomingMessage, ServerResponse } from 'node:http';
import helmet from 'helmet';
import type { Headers } from './answer-head.js';

type FixedHeader = readonly [name: string, value: string];

/** An answer that is data: nothing in it may run or be framed, should a browser be made to show it. */
const FOR_DATA: readonly FixedHeader[] = [
  ['X-Content-Type-Options', 'nosniff'],
  ['X-Frame-Options', 'DENY'],
  ['Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'"],
];
const DATA = /^(?:application\/json|text\/event-stream)/;

/** Sets what protects a browser: Helmet's headers on pages, the few that concern data on data. */
export function setSecurityHeaders(headers: Headers): void {
  const isData = DATA.test(String(headers.getHeader('content-type')));
  for (const [name, value] of isData ? FOR_DATA : FOR_PAGES) headers.setHeader(name, value);
}

// They are the same for every page, so Helmet is asked once.
function helmetHeaders(): FixedHeader[] {
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

const FOR_PAGES = helmetHeaders();
