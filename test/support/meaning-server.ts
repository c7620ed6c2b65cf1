import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * An embedding model that knows what it was told: texts that hold words of the same meanings point the same way. It speaks
 * OpenAI's embeddings, and counts.
 */
export class MeaningServer {
  /** How many texts were embedded. */
  served = 0;
  /** `hang` answers nothing, `fail` answers 500. */
  mood: 'well' | 'hang' | 'fail' = 'well';
  readonly #meanings: readonly (readonly string[])[];
  readonly #hanging = new Set<ServerResponse>();
  readonly #server: Server;

  /** Each meaning by the words that have it. */
  constructor(meanings: readonly (readonly string[])[]) {
    this.#meanings = meanings;
    this.#server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        this.#answer(JSON.parse(body) as { input: string | string[] }, response);
      });
    });
  }

  get url(): string {
    return `http://127.0.0.1:${String((this.#server.address() as AddressInfo).port)}/v1`;
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #answer({ input }: { input: string | string[] }, response: ServerResponse): void {
    const texts = [input].flat();
    this.served += texts.length;
    if (this.mood === 'hang') {
      this.#hanging.add(response);
      return;
    }
    const data = texts.map((text, index) => ({ object: 'embedding', index, embedding: this.#vectorOf(text) }));
    response.writeHead(this.mood === 'fail' ? 500 : 200, { 'content-type': 'application/json' });
    response.end(
      JSON.stringify({ object: 'list', data, model: 'meanings', usage: { prompt_tokens: 10, total_tokens: 10 } }),
    );
  }

  // The last place keeps texts without any meaning from being alike.
  #vectorOf(text: string): number[] {
    const words = text.toLowerCase();
    const known = this.#meanings.map((meaning) => (meaning.some((word) => words.includes(word)) ? 1 : 0));
    return [...known, known.includes(1) ? 0.01 : 1];
  }
}
