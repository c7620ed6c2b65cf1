import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose';

type SigningKey = Awaited<ReturnType<typeof generateKeyPair>>['privateKey'];

const ALGORITHM = 'ES256';

/** Signs tokens, and serves the public keys that check them. Its first key is called `first`. */
export class FakeIssuer {
  /** How often the keys were asked for. */
  asked = 0;
  /** What is answered instead of the keys; null for the keys. */
  answer: { status: number; body: string } | null = null;
  readonly #server: Server;
  readonly #keys = new Map<string, { signing: SigningKey; jwk: JWK }>();

  private constructor() {
    this.#server = createServer((_request, response) => {
      this.asked += 1;
      const body = JSON.stringify({ keys: [...this.#keys.values()].map(({ jwk }) => jwk) });
      const { answer } = this;
      response.writeHead(answer?.status ?? 200, { 'content-type': 'application/json', location: '/elsewhere' });
      response.end(answer?.body ?? body);
    });
  }

  static async start(): Promise<FakeIssuer> {
    const issuer = new FakeIssuer();
    issuer.#server.listen(0, '127.0.0.1');
    await once(issuer.#server, 'listening');
    await issuer.reset();
    return issuer;
  }

  get url(): string {
    return `http://127.0.0.1:${String((this.#server.address() as AddressInfo).port)}`;
  }

  get jwksUrl(): string {
    return `${this.url}/keys`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  /** As after the start. */
  async reset(): Promise<void> {
    this.asked = 0;
    this.answer = null;
    await this.replaceKeys('first');
  }

  async addKey(kid: string): Promise<void> {
    const { privateKey, publicKey } = await generateKeyPair(ALGORITHM);
    this.#keys.set(kid, { signing: privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg: ALGORITHM } });
  }

  /** Keeps no key but a new one of this name. */
  async replaceKeys(kid: string): Promise<void> {
    this.#keys.clear();
    await this.addKey(kid);
  }

  /** A token with these claims; those of undefined are left out. */
  sign(claims: JWTPayload, kid = 'first'): Promise<string> {
    const signing = this.#keys.get(kid)?.signing;
    if (!signing) throw new Error(`There is no key ${kid}.`);
    return new SignJWT(claims).setProtectedHeader({ alg: ALGORITHM, kid }).sign(signing);
  }
}
