import { parseArgs } from 'node:util';

export interface Options {
  readonly trials: number;
  /** Of each measurement, after its warm-up. */
  readonly seconds: number;
  readonly warmupSeconds: number;
  /** Names of contestants and shapes; empty for all. */
  readonly only: readonly string[];
  readonly seed: number;
  /** Rates of the sweep, in requests per second. */
  readonly rates: readonly number[];
  /** Whether the numbers go into docs/benchmarks.md. */
  readonly writesDocument: boolean;
}

const RATES = [250, 1_000, 2_000, 3_000, 4_500];
const QUICK_RATES = [100, 500, 1_000, 2_000];

export const USAGE = `npm run bench -- [options]

  --quick           one trial of one second each: to see that everything runs
  --trials N        trials of each measurement (5)
  --seconds N       length of each measurement (4)
  --only a,b,...    only these contestants (direct, bare, bare-2, governed, governed-2, portkey, litellm)
                    and shapes (json-small, json-large, stream-burst, stream-1ms, stream-20ms, sweep)
  --seed N          seed of the order and of the arrivals; a random one otherwise, and printed
  --no-document     leave docs/benchmarks.md as it is

BENCH_DATABASE_URL or DATABASE_URL names the PostgreSQL server of the governed Trunkline; its user must be allowed to
create databases. Without either the embedded database serves.`;

/** Reads the command line. Null when help was asked for. */
export function readOptions(parameters: readonly string[]): Options | null {
  const { values } = parseArgs({
    args: [...parameters],
    options: {
      quick: { type: 'boolean', default: false },
      trials: { type: 'string' },
      seconds: { type: 'string' },
      only: { type: 'string', default: '' },
      seed: { type: 'string' },
      'no-document': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return null;
  const isQuick = values.quick;
  const only = values.only.split(',').filter((name) => name !== '');
  return {
    trials: positive(values.trials, isQuick ? 1 : 5, '--trials'),
    seconds: positive(values.seconds, isQuick ? 1 : 4, '--seconds'),
    warmupSeconds: isQuick ? 0.5 : 1,
    only,
    seed: positive(values.seed, 1 + Math.floor(Math.random() * 1_000_000), '--seed'),
    rates: isQuick ? QUICK_RATES : RATES,
    writesDocument: !values['no-document'] && !isQuick,
  };
}

function positive(text: string | undefined, byDefault: number, name: string): number {
  const number = Number(text ?? byDefault);
  if (!(number > 0)) throw new Error(`${name} must be a number above 0.`);
  return number;
}
