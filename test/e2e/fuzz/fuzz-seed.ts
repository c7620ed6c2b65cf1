/** The run's seed, `FUZZ_SEED` or a new one, said on the way so that a failed run can be repeated. */
export function fuzzSeed(): number {
  const seed = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 1e9));
  process.stdout.write(`FUZZ_SEED=${String(seed)}\n`);
  return seed;
}
