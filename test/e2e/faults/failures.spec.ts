import { describe } from '@jest/globals';
import { describeBrokenStreams } from './broken-streams.js';
import { CONNECTION_FAULTS } from './connections.js';
import { FaultBench, useBench } from './fault-bench.js';
import { describeFaults } from './fault-matrix.js';
import { UNREADABLE_ANSWERS } from './malformed.js';
import { STATUS_FAULTS } from './statuses.js';
import { BROKEN_STREAMS } from './streams-after-content.js';
import { BROKEN_BEGINNINGS } from './streams-before-content.js';

/** The rows in which a provider fails, on one bench. */
describe('failures', () => {
  const bench = new FaultBench();
  useBench(bench);
  describeFaults(bench, STATUS_FAULTS);
  describeFaults(bench, CONNECTION_FAULTS);
  describeFaults(bench, UNREADABLE_ANSWERS);
  describeFaults(bench, BROKEN_BEGINNINGS);
  describeBrokenStreams(bench, BROKEN_STREAMS);
});
