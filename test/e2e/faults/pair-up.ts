import type { Surface } from './surfaces.js';
import { VENDORS, type VendorName } from './fault-lane.js';

export interface SurfaceAndVendor {
  readonly surface: Surface;
  readonly vendor: VendorName;
}

/**
 * Which surfaces meet which vendors: every surface and every vendor at least once, streamed and not, and with `turn` going up
 * from row to row all of them all others. What a vendor's fault is called is decided without a look at the client's
 * dialect, and the other way round, so that no row needs them all. With `FAULT_PAIRS=all` they meet all the same.
 */
export function pairUp(
  surfaces: readonly Surface[],
  turn = 0,
  vendors: readonly VendorName[] = VENDORS,
): SurfaceAndVendor[] {
  const chats = surfaces.filter(({ isEmbedding }) => !isEmbedding);
  const embeddings = surfaces.filter(({ isEmbedding }) => isEmbedding && vendors.includes('openai'));
  const groups = [chats.filter(({ isStream }) => isStream), chats.filter(({ isStream }) => !isStream)];
  const pairs =
    process.env.FAULT_PAIRS === 'all'
      ? chats.flatMap((surface) => vendors.map((vendor) => ({ surface, vendor })))
      : groups.flatMap((group) => inTurns(group, vendors, turn));
  return [...pairs, ...embeddings.map((surface) => ({ surface, vendor: 'openai' as const }))];
}

function inTurns(group: readonly Surface[], vendors: readonly VendorName[], turn: number): SurfaceAndVendor[] {
  const count = group.length === 0 ? 0 : Math.max(group.length, vendors.length);
  return Array.from({ length: count }).flatMap((_, index) => {
    const surface = group[index % group.length];
    const vendor = vendors[(index + turn) % vendors.length];
    return surface && vendor ? [{ surface, vendor }] : [];
  });
}
