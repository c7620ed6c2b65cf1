/** The run's seed, `FUZZ_SEED` or the given one, said on the way so that a failed run can be repeated. */
export function fuzzSeed(usual: number): number {
  const seed = Number(process.env.FUZZ_SEED ?? usual);
  process.stdout.write(`FUZZ_SEED=${String(seed)}\n`);
  return seed;
}
