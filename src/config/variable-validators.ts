import { isIP } from 'node:net';
import { ValidateBy } from 'class-validator';
import { readPairs } from './read-pairs.js';

const PROXY_RANGES: ReadonlySet<string> = new Set(['loopback', 'linklocal', 'uniquelocal']);

/** A URL of one of the schemes, with a host, and without a query or fragment where it is one of HTTP. */
export function isServiceUrl(value: unknown, protocols: readonly string[]): boolean {
  if (typeof value !== 'string' || !URL.canParse(value)) return false;
  const url = new URL(value);
  if (!protocols.includes(url.protocol)) return false;
  if (!url.protocol.startsWith('http')) return true;
  return url.hostname !== '' && url.search === '' && url.hash === '' && url.username === '' && url.password === '';
}

/** Whether the text is an address, a CIDR range, or one of Express' names for ranges. */
function isProxyAddress(text: string): boolean {
  return PROXY_RANGES.has(text) || isAddressRange(text);
}

function isAddressRange(text: string): boolean {
  const [address = '', prefix, ...rest] = text.split('/');
  const version = isIP(address);
  if (version === 0 || rest.length > 0 || address.includes('%')) return false;
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (version === 4 ? 32 : 128));
}

function isTrustProxy(value: unknown): boolean {
  if (value === false) return true;
  if (typeof value === 'number') return Number.isInteger(value) && value >= 0 && value <= 32;
  return (
    Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === 'string' && isProxyAddress(item))
  );
}

function isOrigin(value: unknown): boolean {
  return typeof value === 'string' && URL.canParse(value) && new URL(value).origin === value;
}

/** The property holds a URL of one of the schemes (each with its colon). */
export function IsServiceUrl(protocols: readonly string[]): PropertyDecorator {
  const schemes = protocols.map((protocol) => `${protocol}//`).join(' or ');
  return ValidateBy({
    name: 'isServiceUrl',
    validator: {
      validate: (value: unknown) => isServiceUrl(value, protocols),
      defaultMessage: () =>
        protocols.includes('https:')
          ? `must be a URL that begins with ${schemes}, without credentials, query and fragment`
          : `must be a URL that begins with ${schemes}`,
    },
  });
}

/** The property holds what Express takes for `trust proxy`, except true: trusting every hop lets anyone forge addresses. */
export function IsTrustProxy(): PropertyDecorator {
  return ValidateBy({
    name: 'isTrustProxy',
    validator: {
      validate: isTrustProxy,
      defaultMessage: () =>
        'must be false, the number of proxies in front of this server (0 to 32), or their addresses or CIDR ranges ' +
        'separated by commas (loopback, linklocal and uniquelocal name the usual ones)',
    },
  });
}

/** The property holds a list of addresses and CIDR ranges. */
export function IsAddressList(): PropertyDecorator {
  return ValidateBy({
    name: 'isAddressList',
    validator: {
      validate: (value: unknown) =>
        Array.isArray(value) && value.every((item) => typeof item === 'string' && isAddressRange(item)),
      defaultMessage: () => 'must be addresses or CIDR ranges such as 10.1.0.0/16 or fd00::/8, separated by commas',
    },
  });
}

/** The property holds a list of browser origins. */
export function IsOriginList(): PropertyDecorator {
  return ValidateBy({
    name: 'isOriginList',
    validator: {
      validate: (value: unknown) => Array.isArray(value) && value.every(isOrigin),
      defaultMessage: () => 'must be origins such as https://app.example.com, without a path, separated by commas',
    },
  });
}

const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,256}$/;
const HEADER_VALUE = /^[\x20-\x7e\t]{0,8192}$/;
/** The exporter's own. */
const TAKEN_HEADERS: ReadonlySet<string> = new Set([
  ...['content-type', 'content-length', 'content-encoding', 'transfer-encoding', 'host', 'connection'],
]);

function isHeader([name, value]: readonly [string, string]): boolean {
  return HEADER_NAME.test(name) && HEADER_VALUE.test(value) && !TAKEN_HEADERS.has(name.toLowerCase());
}

/** The property holds HTTP headers as `name=value` pairs, as OpenTelemetry's variables write them. */
export function IsHeaderList(): PropertyDecorator {
  return ValidateBy({
    name: 'isHeaderList',
    validator: {
      validate: (value: unknown) => typeof value === 'string' && (readPairs(value)?.every(isHeader) ?? false),
      defaultMessage: () =>
        'must be headers as name=value,name=value with percent-encoded values, such as ' +
        'authorization=Bearer%20TOKEN, without those that the exporter sets itself (content-type, host and the like)',
    },
  });
}

/** The property holds names and values as `name=value` pairs, as OpenTelemetry's variables write them. */
export function IsTagList(): PropertyDecorator {
  return ValidateBy({
    name: 'isTagList',
    validator: {
      validate: (value: unknown) => typeof value === 'string' && readPairs(value) !== null,
      defaultMessage: () => 'must be name=value,name=value with percent-encoded values',
    },
  });
}
