import { catalogEntry } from './catalog-entry.js';
import { createWireWorld, type Family, type WireReply, type WireTarget, type WireWorld } from './wire-world.js';

export const PIECES = ['One', ' two', ' three', ' four'];
export const WHOLE = PIECES.join('');
/** The first answer of most of these tests: it breaks behind its second word. */
export const BROKEN: WireReply = { reply: { pieces: PIECES }, break: { frames: 3, how: 'reset' } };
export const REFUSED: WireReply = { status: 400, message: 'This model does not support assistant message prefill.' };
/** In the catalogue `prefilled` takes the beginning of its answer, whatever the provider says. */
const CATALOG = [catalogEntry({ model: 'prefilled', capabilities: { assistantPrefill: true } })];

/** Each answer in turn, the last one for all that follow. */
function inTurn(...replies: WireReply[]): WireTarget['answer'] {
  return (_asked, count) => replies[Math.min(count, replies.length) - 1] ?? REFUSED;
}

/** The whole of an answer. */
export function say(text: string): WireReply {
  return { reply: { text } };
}

/** A world whose model `m` has these targets, each with its answers in turn. */
export function worldOf(...targets: [family: Family, model: string, ...replies: WireReply[]][]): WireWorld {
  const answers = targets.map(([family, model, ...replies]) => ({ family, model, answer: inTurn(...replies) }));
  return createWireWorld(answers, { catalog: CATALOG });
}

/** The conversation that a provider was asked last. */
export function lastAsked(world: WireWorld, provider: number): readonly { role: string; text: string }[] | undefined {
  return world.providers[provider]?.asked.at(-1)?.messages;
}
