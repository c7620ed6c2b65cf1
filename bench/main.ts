import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Contestant, Surroundings } from './contestants/contestant.js';
import { direct } from './contestants/direct.js';
import { litellm } from './contestants/litellm.js';
import { portkey } from './contestants/portkey.js';
import { bare, bareWorkers, governed, governedWorkers } from './contestants/trunkline.js';
import { Lineup } from './lineup.js';
import { LoadProcess } from './load/load-process.js';
import { MockProcess } from './mock/mock-process.js';
import { type Options, readOptions, USAGE } from './options.js';
import { describeMachine } from './report/machine.js';
import type { Report } from './report/report.js';
import { renderReport } from './report/render-report.js';
import { writeDocument } from './report/write-document.js';
import { runClosedTrials, runSweep } from './run-trials.js';

const ROOT = join(import.meta.dirname, '..');
const CONTESTANTS: readonly Contestant[] = [direct, bare, bareWorkers, governed, governedWorkers, portkey, litellm];

/** Runs the benchmark. Resolves to the exit code: 1 when an answer of Trunkline was wrong. */
export async function main(parameters: readonly string[]): Promise<number> {
  const options = readOptions(parameters);
  if (!options) {
    console.log(USAGE);
    return 0;
  }
  console.log(`seed ${String(options.seed)}`);
  const report = await run(options);
  const text = renderReport(report);
  const file = join(ROOT, 'bench', 'results', `${report.date.slice(0, 10)}.json`);
  await mkdir(join(file, '..'), { recursive: true });
  await writeFile(file, `${JSON.stringify(report)}\n`);
  if (options.writesDocument) await writeDocument(join(ROOT, 'docs', 'benchmarks.md'), text);
  console.log(`\n${text}\nRaw numbers: bench/results/${report.date.slice(0, 10)}.json`);
  const own = [bare, bareWorkers, governed, governedWorkers].map(({ name }) => name);
  // In the sweep, more may be offered than anybody can take.
  const wrong = report.measurements.filter(
    ({ ratePerSecond, result }) => ratePerSecond === null && result.failures > 0,
  );
  return wrong.some(({ contestant }) => own.includes(contestant)) ? 1 : 0;
}

async function run(options: Options): Promise<Report> {
  const directory = await mkdtemp(join(tmpdir(), 'trunkline-bench-'));
  const cacheDirectory = join(tmpdir(), 'trunkline-bench-cache');
  const mock = await MockProcess.start();
  const load = new LoadProcess();
  const databaseUrl = process.env.BENCH_DATABASE_URL ?? process.env.DATABASE_URL ?? null;
  const surroundings: Surroundings = { mockPort: mock.port, directory, cacheDirectory, databaseUrl };
  const lineup = new Lineup(surroundings);
  try {
    await lineup.start(chosen(options), options);
    const apparatus = { load, mock };
    const measurements = await runClosedTrials(apparatus, lineup.running, options);
    measurements.push(...(await runSweep(apparatus, lineup.running, options)));
    const contestants = await lineup.finish();
    return {
      date: new Date().toISOString(),
      machine: describeMachine(),
      database: databaseUrl === null ? 'embedded' : 'PostgreSQL',
      options: { seed: options.seed, trials: options.trials, seconds: options.seconds },
      contestants,
      measurements,
    };
  } finally {
    await lineup.stop();
    await load.stop();
    await mock.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

function chosen({ only }: Options): Contestant[] {
  const named = CONTESTANTS.filter(({ name }) => only.includes(name));
  return named.length > 0 ? named : [...CONTESTANTS];
}
