/**
 * Runs the tests: `node scripts/test.mjs [unit|e2e|soak] [jest options and patterns]`; without a name unit and e2e, one after
 * the other.
 * The last line is the sum, and the exit code is 0 only when something passed and nothing failed.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { groupSpecs } from './group-specs.mjs';
import { ROOT } from './source-hash.mjs';

const PROJECTS = {
  unit: [],
  e2e: [],
  soak: ['--runInBand', '--testTimeout=600000'],
};
const BY_DEFAULT = ['unit', 'e2e'];
/** What measures times and memory would measure its neighbours, too. */
const APART = [
  'test/e2e/faults/sizes.spec.ts',
  'test/e2e/faults/health.spec.ts',
  'test/e2e/faults/timers.spec.ts',
  'test/e2e/client-leaves.spec.ts',
];
/** Suites wait more than they work; an embedded database works in their own process, a server beside them. */
const WORKERS = process.env.TEST_DATABASE_URL ? 3 : 2;
/** Enough for the last ones to end at about the same time. */
const GROUPS = 5 * WORKERS;
/** Jest runs nothing that lies outside of its roots, and says nothing about it. */
const GROUPS_DIRECTORY = join(ROOT, 'test', 'groups', String(process.pid));
const NODE_OPTIONS = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', '--expose-gc'];

function runProject(name, parameters, totalsFile) {
  const jest = join(ROOT, 'node_modules/jest/bin/jest.js');
  // The names of projects take all words that follow, so they come last.
  const options = [...parameters, ...PROJECTS[name], '--selectProjects', name];
  const { status } = spawnSync(process.execPath, [...NODE_OPTIONS, jest, ...options], {
    cwd: ROOT,
    stdio: 'inherit',
    env: { ...process.env, TRUNKLINE_TEST_TOTALS: totalsFile },
  });
  return { status, totals: readTotals(totalsFile) };
}

function readTotals(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return { passed: 0, failed: 0, skipped: 0, files: 0 };
  }
}

/** The runs of a project: one, but for the whole of the end-to-end suites, most of which run in groups. */
function runsOf(name, parameters) {
  if (name !== 'e2e') return [{ parameters }];
  if (parameters.length > 0) return [{ parameters: [...parameters, '--runInBand'] }];
  const paths = groupSpecs(GROUPS_DIRECTORY, GROUPS, APART);
  return [
    { parameters: [...APART, '--runInBand'] },
    { parameters: [...paths, '--runTestsByPath', `--maxWorkers=${WORKERS}`], files: paths.length },
  ];
}

function runAll(names, parameters) {
  const directory = mkdtempSync(join(tmpdir(), 'trunkline-totals-'));
  const sum = { passed: 0, failed: 0, skipped: 0 };
  for (const name of names) {
    for (const [index, run] of runsOf(name, parameters).entries()) {
      const totalsFile = join(directory, `${name}-${index}`);
      const { status, totals } = runProject(name, run.parameters, totalsFile);
      sum.passed += totals.passed;
      sum.skipped += totals.skipped;
      // A run that ends badly without a failed test (a crash, a failed set-up, an unmet threshold) is a failure all the same.
      sum.failed += status !== 0 && totals.failed === 0 ? 1 : totals.failed;
      if (run.files !== undefined && totals.files !== run.files) {
        process.stderr.write(`Of ${run.files} files with tests ${totals.files} ran.\n`);
        sum.failed += 1;
      }
    }
  }
  rmSync(directory, { recursive: true });
  rmSync(GROUPS_DIRECTORY, { recursive: true, force: true });
  return sum;
}

const [first, ...rest] = process.argv.slice(2);
const isProject = first !== undefined && Object.hasOwn(PROJECTS, first);
const names = isProject ? [first] : BY_DEFAULT;
const parameters = isProject ? rest : process.argv.slice(2);
if (!isProject && parameters.length > 0) parameters.push('--passWithNoTests');
const metadata = spawnSync(process.execPath, [join(ROOT, 'scripts/generate-metadata.mjs')], { stdio: 'inherit' });
const { passed, failed, skipped } =
  metadata.status === 0 ? runAll(names, parameters) : { passed: 0, failed: 1, skipped: 0 };
process.stdout.write(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
