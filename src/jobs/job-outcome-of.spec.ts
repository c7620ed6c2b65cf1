import { describe, expect, it } from '@jest/globals';
import { JobFailure, JobPostponement } from './job.js';
import { JobInterruption } from './job-interruption.js';
import { jobOutcomeOf } from './job-outcome-of.js';

const GOES_ON = new AbortController().signal;

describe(jobOutcomeOf.name, () => {
  it.each<[string, unknown, boolean]>([
    ['retried', new Error('broken'), false],
    ['failed', new Error('broken'), true],
    ['failed', new JobFailure('no_text_extracted', 'The document has no text.'), false],
    ['postponed', new JobPostponement('later', 'Later.', 1), true],
    ['taken-over', new JobInterruption('taken-over'), false],
  ])('is %s after %s (the last attempt: %s)', (outcome, error, isLast) => {
    expect(jobOutcomeOf(error, GOES_ON, isLast)).toBe(outcome);
  });

  it.each([
    ['cancelled', 'cancelled'],
    ['interrupted', 'shutting-down'],
  ] as const)('is %s when the handler was told so, whatever it threw', (outcome, reason) => {
    expect(jobOutcomeOf(new Error('broken'), AbortSignal.abort(new JobInterruption(reason)), true)).toBe(outcome);
  });
});
