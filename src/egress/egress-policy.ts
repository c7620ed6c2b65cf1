import { isIPv4 } from 'node:net';
import { Injectable } from '@nestjs/common';
import { EgressConfig } from '../config/egress-config.js';
import { InvalidRequestError } from '../core/errors/app-error.js';
import { isInRanges, isPublicAddress, parseAddress, toRanges } from './address-ranges.js';
import { isConfusableHost } from './confusable-host.js';
import { hostRefused } from './egress-errors.js';
import { isServicePort } from './service-ports.js';

const MAX_URL_LENGTH = 8_192;
// What one parser of URLs skips or turns around, another one takes as it is: both must read the same host.
const AMBIGUOUS = /[\s\\\p{Cc}\p{Zl}\p{Zp}]/u;
const AUTHORITY = /^[a-z]+:\/\/([^/?#]*)/i;
// Names that only private networks or nobody resolves (RFC 6761, 6762, 7686, 8375, 9476; ICANN's .internal and habits).
const PRIVATE_ZONES = new Set(
  [
    'localhost',
    'local',
    'localdomain',
    'internal',
    'intranet',
    'private',
    'corp',
    'home',
    'lan',
    'onion',
    'alt',
  ].concat(['test', 'invalid', 'arpa']),
);

/** Which URLs from users may be used, by what they say and by the addresses that they lead to. */
@Injectable()
export class EgressPolicy {
  readonly #allowed: ReturnType<typeof toRanges>;

  constructor(config: EgressConfig) {
    this.#allowed = toRanges(config.allow);
  }

  /**
   * The URL, if nothing in its text speaks against it; nothing is resolved. Throws `url_not_allowed`,
   * `url_scheme_not_allowed` or `url_port_not_allowed`; `param` names the parameter it came in.
   */
  checkUrl(text: string, param?: string): URL {
    const url = text.length <= MAX_URL_LENGTH ? URL.parse(text) : null;
    if (!url)
      return refuse('The URL is malformed, or longer than 8,192 characters. Send an absolute http(s) URL.', param);
    if (url.protocol !== 'http:' && url.protocol !== 'https:') {
      const message = 'The URL may not be used: its scheme is not http or https. Send an http(s) URL.';
      throw new InvalidRequestError('url_scheme_not_allowed', message, { param });
    }
    checkAuthority(text, url, param);
    this.#checkHost(url.hostname, param);
    if (isServicePort(url.port)) {
      const message =
        'The URL may not be used: its port belongs to another protocol. Use 80, 443 or a free port over 1023.';
      throw new InvalidRequestError('url_port_not_allowed', message, { param });
    }
    return url;
  }

  /** Whether a connection to the address may be made. */
  allowsAddress(text: string): boolean {
    const address = parseAddress(text);
    return address !== null && (isInRanges(address, this.#allowed) || isPublicAddress(address));
  }

  #checkHost(hostname: string, param: string | undefined): void {
    if (parseAddress(hostname)) {
      if (!this.allowsAddress(hostname)) throw hostRefused({ param });
      return;
    }
    // Somebody who lets private addresses be reached has private names for them, which are judged by their addresses.
    const isPrivate = !hostname.includes('.') || PRIVATE_ZONES.has(hostname.slice(hostname.lastIndexOf('.') + 1));
    const isRefused = hostname.endsWith('.') || isConfusableHost(hostname) || (isPrivate && this.#allowed.length === 0);
    if (isRefused) throw hostRefused({ param });
  }
}

function checkAuthority(text: string, url: URL, param: string | undefined): void {
  if (url.username !== '' || url.password !== '') {
    refuse('The URL may not be used: it names a user before its host. Send it without.', param);
  }
  const authority = AUTHORITY.exec(text)?.[1] ?? '';
  // An IPv4 address is an IPv4 address to everybody only in its usual spelling.
  const isRespelled = isIPv4(url.hostname) && authority.replace(/:\d*$/, '') !== url.hostname;
  if (AMBIGUOUS.test(text) || authority === '' || /[%@]/.test(authority) || isRespelled) {
    refuse('The URL may not be used: its host can be read in several ways. Send it in plain characters.', param);
  }
}

function refuse(message: string, param: string | undefined): never {
  throw new InvalidRequestError('url_not_allowed', message, { param });
}
