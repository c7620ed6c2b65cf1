/** Random numbers from 0 up to 1 that a seed repeats (the generator splitmix32). */
export function seededRandom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = state ^ (state >>> 16);
    mixed = Math.imul(mixed, 0x21f0aaad);
    mixed ^= mixed >>> 15;
    mixed = Math.imul(mixed, 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 4_294_967_296;
  };
}

/** The run's seed, `SOAK_SEED` or a new one, said on the way so that a failed run can be repeated. */
export function soakSeed(): number {
  const seed = Number(process.env.SOAK_SEED ?? Math.floor(Math.random() * 1e9));
  process.stdout.write(`SOAK_SEED=${String(seed)}\n`);
  return seed;
}
