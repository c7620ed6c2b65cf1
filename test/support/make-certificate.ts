import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { isIPv4 } from 'node:net';

const TAG = { integer: 2, bitString: 3, octetString: 4, oid: 6, utf8: 12, sequence: 48, set: 49, time: 24 } as const;
const OIDS = {
  commonName: [0x55, 4, 3],
  subjectAltName: [0x55, 0x1d, 0x11],
  basicConstraints: [0x55, 0x1d, 0x13],
  ecdsaWithSha256: [0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2],
} as const;
const DAY_MS = 86_400_000;

/** A key with its certificate. */
export interface Identity {
  /** PEM. */
  cert: string;
  /** PEM. */
  key: string;
  readonly name: string;
  readonly privateKey: KeyObject;
}

export interface CertificateOptions {
  /** A name or an IPv4 address. */
  host: string;
  /** Days from now until it expires; negative when it has. */
  days?: number;
  /** Who signs it; itself when missing. */
  issuer?: Identity;
  isAuthority?: boolean;
}

/** Makes a new key and an X.509 certificate for it, with nothing but Node: its bytes are written here. */
export function makeCertificate({ host, days = 1, issuer, isAuthority = false }: CertificateOptions): Identity {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const algorithm = sequence(oid('ecdsaWithSha256'));
  const expires = Date.now() + days * DAY_MS;
  const body = sequence(
    element(0xa0, element(TAG.integer, Buffer.of(2))),
    element(TAG.integer, Buffer.concat([Buffer.of(1), randomBytes(8)])),
    algorithm,
    nameOf(issuer?.name ?? host),
    sequence(time(Math.min(Date.now(), expires) - 30 * DAY_MS), time(expires)),
    nameOf(host),
    publicKey.export({ type: 'spki', format: 'der' }),
    element(0xa3, sequence(alternativeName(host), ...(isAuthority ? [authority()] : []))),
  );
  const signature = sign('sha256', body, issuer?.privateKey ?? privateKey);
  const certificate = sequence(body, algorithm, bits(signature));
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${certificate.toString('base64')}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    name: host,
    privateKey,
  };
}

function alternativeName(host: string): Buffer {
  const value = isIPv4(host)
    ? element(0x87, Buffer.from(host.split('.').map(Number)))
    : element(0x82, Buffer.from(host));
  return sequence(oid('subjectAltName'), element(TAG.octetString, sequence(value)));
}

function authority(): Buffer {
  const isAuthority = element(1, Buffer.of(0xff));
  return sequence(oid('basicConstraints'), isAuthority, element(TAG.octetString, sequence(isAuthority)));
}

function nameOf(commonName: string): Buffer {
  return sequence(element(TAG.set, sequence(oid('commonName'), element(TAG.utf8, Buffer.from(commonName)))));
}

function time(ms: number): Buffer {
  const digits = new Date(ms).toISOString().replaceAll(/[-:T]/g, '').slice(0, 14);
  return element(TAG.time, Buffer.from(`${digits}Z`));
}

function oid(name: keyof typeof OIDS): Buffer {
  return element(TAG.oid, Buffer.from(OIDS[name]));
}

function bits(content: Buffer): Buffer {
  return element(TAG.bitString, Buffer.of(0), content);
}

function sequence(...contents: Buffer[]): Buffer {
  return element(TAG.sequence, ...contents);
}

// The length is one byte, or the number of its bytes and then those.
function element(tag: number, ...contents: Buffer[]): Buffer {
  const content = Buffer.concat(contents);
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.of(tag, ...size), content]);
}
