import type { Shape } from '../shapes.js';

const CONTENT = /"delta":\{[^}]*"content":"[^"]/g;
const SHOWN = 200;

/** What is wrong with an answer; null when it is the whole one that the shape promises. */
export function findFault(shape: Shape, status: number, body: Buffer): string | null {
  if (status !== 200) return `status ${String(status)}: ${body.subarray(0, SHOWN).toString('latin1')}`;
  const text = body.toString('latin1');
  if (!text.includes('"finish_reason":"stop"')) return `no finish: ${text.slice(-SHOWN)}`;
  if (!shape.isStream) return text.length >= shape.textLength ? null : 'the text is too short';
  if (!text.includes('data: [DONE]')) return `no [DONE]: ${text.slice(-SHOWN)}`;
  const deltas = text.match(CONTENT)?.length ?? 0;
  return deltas === shape.deltas ? null : `${String(deltas)} deltas instead of ${String(shape.deltas)}`;
}
