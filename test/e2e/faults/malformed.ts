import { EMBEDDINGS, STREAMS, WHOLE } from './surfaces.js';
import type { Fault } from './fault-matrix.js';

const MALFORMED = {
  failure: { status: 502, code: 'malformed_response' },
  kind: 'malformed',
  calls: { alone: 2, withSibling: 1 },
  breaker: 'counts',
} as const;
const UNSTREAMED = [...WHOLE, EMBEDDINGS];

/** Answers that nobody can make sense of. */
export const UNREADABLE_ANSWERS: readonly Fault[] = [
  { id: 'F16', name: 'a page with status 200', script: (fake) => fake.html().forever(), ...MALFORMED },
  {
    id: 'F18',
    name: 'truncated JSON',
    script: (fake) => fake.truncatedJson().forever(),
    surfaces: UNSTREAMED,
    ...MALFORMED,
  },
  { id: 'F19', name: '200 with an empty body', script: (fake) => fake.empty().forever(), ...MALFORMED },
  {
    id: 'F19',
    name: '200 with null',
    script: (fake) => fake.rawBody('application/json', 'null').forever(),
    ...MALFORMED,
  },
  { id: 'F19', name: '204', script: (fake) => fake.raw('HTTP/1.1 204 No Content\r\n\r\n').forever(), ...MALFORMED },
  {
    id: 'F36',
    name: 'an answer that holds nothing',
    script: (fake) =>
      fake.editJson((body) => ({ ...body, choices: [], content: [], candidates: [], output: [] })).forever(),
    surfaces: WHOLE,
    ...MALFORMED,
  },
  {
    id: 'F36',
    name: 'a message that is null',
    script: (fake) =>
      fake
        .editJson((body) => ({
          ...body,
          choices: [{ index: 0, message: null }],
          content: null,
          candidates: [null],
          output: [null],
        }))
        .forever(),
    surfaces: WHOLE,
    ...MALFORMED,
  },
  {
    id: 'F36',
    name: 'a stream of nothing but its end',
    script: (fake) => fake.editFrames((frames) => frames.filter(({ kind }) => kind === 'done')).forever(),
    surfaces: STREAMS,
    vendors: ['openai'],
    ...MALFORMED,
  },
  {
    id: 'F39',
    name: 'gzip that is none',
    script: (fake) =>
      fake
        .behave({
          instead: ({ request, response }) => {
            response.writeHead(200, {
              'content-type': request.wantsStream ? 'text/event-stream' : 'application/json',
              'content-encoding': 'gzip',
            });
            response.end('this was never compressed');
          },
        })
        .forever(),
    ...MALFORMED,
  },
  ...(
    [
      ['too few vectors', (data) => data.slice(1)],
      ['one vector too many', (data) => [...data, ...data]],
      ['a vector of another length', ([first]) => [{ ...first, embedding: [1, 2] }]],
      ['a number that is null', ([first]) => [{ ...first, embedding: [null, ...Array<number>(7).fill(0)] }]],
      ['base64 that is cut off', ([first]) => [{ ...first, embedding: 'AACA' }]],
    ] satisfies [string, (data: object[]) => object[]][]
  ).map(([name, edit]): Fault => ({
    id: 'F45',
    name,
    script: (fake) => fake.editJson((body) => ({ ...body, data: edit(body.data as object[]) })).forever(),
    surfaces: [{ ...EMBEDDINGS, ask: (client, model) => EMBEDDINGS.ask(client, model, { dimensions: 8 }) }],
    vendors: ['openai'],
    ...MALFORMED,
  })),
];
