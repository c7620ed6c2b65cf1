import { expect, it } from '@jest/globals';
import type { AdmissionConfig } from '../config/admission-config.js';
import { toAdmissionTerms } from './admission-terms.js';

const MIB = 1024 ** 2;
const OPEN = {
  ...{ maxInFlight: null, queueSize: null, waitMs: 75 },
  ...{ maxLoopDelayMs: 200, maxMemoryPercent: 85, bodyMemoryBytes: null },
};

it.each<[string, Partial<AdmissionConfig>, [heapMib: number, containerMib: number | null, workers: number], number[]]>([
  ['a heap of 4 GiB', {}, [4_096, null, 1], [10_000, 2_500, 256 * MIB]],
  ['a heap of 256 MiB', {}, [256, null, 1], [1_024, 256, 16 * MIB]],
  ['a container of 1 GiB', {}, [4_096, 1_024, 1], [2_048, 512, 32 * MIB]],
  ['two workers in a container', {}, [4_096, 1_024, 2], [1_024, 256, 16 * MIB]],
  ['next to nothing', {}, [16, null, 1], [64, 16, MIB]],
  ['a very large heap', {}, [65_536, null, 1], [10_000, 2_500, 4_096 * MIB]],
  ['numbers of the operator', { maxInFlight: 10, queueSize: 0, bodyMemoryBytes: 7 }, [256, null, 1], [10, 0, 7]],
  ['no limits', { maxInFlight: 0, bodyMemoryBytes: 0 }, [256, null, 1], [Infinity, 0, Infinity]],
])('by %s', (_name, config, [heapMib, containerMib, workers], [maxSeats, queueSize, bodyBytes]) => {
  const memory = { heapLimitBytes: heapMib * MIB, containerLimitBytes: containerMib && containerMib * MIB };
  const terms = toAdmissionTerms(Object.assign({}, OPEN, config), memory, workers);
  expect(terms).toEqual({ maxSeats, queueSize, bodyBytes });
});
