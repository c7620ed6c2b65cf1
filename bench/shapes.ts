/** What an answer of the mock looks like, and what makes one of a contestant complete. */
export interface Shape {
  /** Also the name of the model that asks for it. */
  readonly name: string;
  readonly title: string;
  readonly isStream: boolean;
  /** Deltas with text; 0 for an answer in one piece. */
  readonly deltas: number;
  /** Milliseconds between two deltas; 0 for all at once, each in a write of its own. */
  readonly gapMs: number;
  /** Characters of text in the answer, or in each delta. */
  readonly textLength: number;
  /** Connections of the closed loop. */
  readonly concurrency: readonly number[];
}

const ALL = [1, 8, 32, 128];

export const SHAPES: readonly Shape[] = [
  shape('json-small', 'JSON, 0.5 KB', { textLength: 120 }),
  shape('json-large', 'JSON, 8 KB', { textLength: 7_700 }),
  // The role, 31 deltas and the finish make 33 chunks.
  shape('stream-burst', 'stream of 33 chunks without gaps', { isStream: true, deltas: 31, textLength: 6 }),
  shape('stream-1ms', 'stream of 31 deltas, 1 ms apart', { isStream: true, deltas: 31, gapMs: 1, textLength: 6 }),
  shape('stream-20ms', 'stream of 65 deltas, 20 ms apart', {
    isStream: true,
    deltas: 65,
    gapMs: 20,
    textLength: 6,
    // A stream takes 1.3 s: below that, there is nothing to measure but the gaps.
    concurrency: [32, 128],
  }),
];

function shape(name: string, title: string, rest: Partial<Shape>): Shape {
  return { name, title, isStream: false, deltas: 0, gapMs: 0, textLength: 0, concurrency: ALL, ...rest };
}

/** The shape of a name. Throws when there is none. */
export function shapeOf(name: string): Shape {
  const found = SHAPES.find((candidate) => candidate.name === name);
  if (!found) throw new Error(`There is no shape "${name}": ${SHAPES.map((known) => known.name).join(', ')}.`);
  return found;
}

/** The body of a request for an answer of this shape. */
export function requestBody({ name, isStream }: Shape): string {
  return JSON.stringify({
    model: name,
    messages: [
      { role: 'system', content: 'You are a helpful assistant that answers in few words.' },
      { role: 'user', content: 'What is the capital of France, and how many people live there?' },
    ],
    ...(isStream && { stream: true }),
  });
}
