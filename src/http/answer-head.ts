import { ServerResponse } from 'node:http';

/** Where headers are put: a response, or a head that is not one yet. */
export type Headers = Pick<ServerResponse, 'getHeader' | 'hasHeader'> & {
  setHeader(name: string, value: string): unknown;
};

type WriteHead = (this: ServerResponse, ...parameters: unknown[]) => ServerResponse;

const { writeHead } = ServerResponse.prototype as unknown as { writeHead: WriteHead };

const PREPARE = Symbol('prepare');

interface Prepared extends ServerResponse {
  [PREPARE]?: ((headers: Headers) => void) | undefined;
}

/**
 * Headers in the form that Node writes without keeping each by its name. A name is set once, and asked for as it was set,
 * in lower case.
 */
export class AnswerHead implements Headers {
  readonly list: string[] = [];

  setHeader(name: string, value: string): void {
    this.list.push(name, value);
  }

  getHeader(name: string): string | undefined {
    const { list } = this;
    for (let index = 0; index < list.length; index += 2) if (list[index] === name) return list[index + 1];
    return undefined;
  }

  hasHeader(name: string): boolean {
    return this.getHeader(name) !== undefined;
  }
}

/** Runs `prepare` once, just before the head of the response is made, when headers can still be added. */
export function beforeHead(response: Prepared, prepare: (headers: Headers) => void): void {
  response[PREPARE] = prepare;
  response.writeHead = writePreparedHead;
}

/** Makes the head of the answer; it leaves with the first of the body. Headers that were set on the response stay. */
export function startAnswer(response: Prepared, status: number, head: AnswerHead): void {
  const prepare = response[PREPARE];
  response.statusCode = status;
  if (prepare && response.getHeaderNames().length === 0) {
    response[PREPARE] = undefined;
    prepare(head);
    writeHead.call(response, status, head.list);
    return;
  }
  const { list } = head;
  for (let index = 0; index < list.length; index += 2) response.setHeader(list[index] ?? '', list[index + 1] ?? '');
}

// One function for all responses: nothing is made for each of them.
function writePreparedHead(this: Prepared, ...parameters: unknown[]): ServerResponse {
  const prepare = this[PREPARE];
  this[PREPARE] = undefined;
  prepare?.(this);
  return writeHead.apply(this, parameters);
}
