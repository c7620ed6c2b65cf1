import { writeFileSync } from 'node:fs';

/**
 * Names the skipped tests (their names say why) and leaves the totals of the run where `scripts/test.mjs` looks for them.
 */
export default class TotalsReporter {
  onRunComplete(_contexts, results) {
    for (const suite of results.testResults) {
      const skipped = suite.testResults.filter((test) => test.status === 'pending' || test.status === 'todo');
      for (const test of skipped) process.stderr.write(`skipped: ${test.fullName}\n`);
    }
    const path = process.env.TRUNKLINE_TEST_TOTALS;
    if (path === undefined) return;
    const totals = {
      passed: results.numPassedTests,
      // A suite that could not run has no tests to fail.
      failed: results.numFailedTests + results.numRuntimeErrorTestSuites,
      skipped: results.numPendingTests + results.numTodoTests,
      files: results.numTotalTestSuites,
    };
    writeFileSync(path, JSON.stringify(totals));
  }
}
