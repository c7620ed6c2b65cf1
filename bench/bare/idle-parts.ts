import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Provider } from '@nestjs/common';
import type * as AdmissionDoorFile from '../../src/admission/admission-door.js';
import type * as DrainStateFile from '../../src/core/drain-state.js';
import type * as MetricSourcesFile from '../../src/core/telemetry/metric-sources.js';
import type * as TracingFile from '../../src/core/telemetry/tracing.js';

const DIST = join(import.meta.dirname, '..', '..', 'dist');

/** What every request passes and what does nothing here: no traces, no admission, no draining. */
export async function idleParts(): Promise<Provider[]> {
  const { AdmissionDoor } = await built<typeof AdmissionDoorFile>('admission/admission-door.js');
  const { DrainState } = await built<typeof DrainStateFile>('core/drain-state.js');
  const { MetricSources } = await built<typeof MetricSourcesFile>('core/telemetry/metric-sources.js');
  const { Tracing } = await built<typeof TracingFile>('core/telemetry/tracing.js');
  return [
    { provide: AdmissionDoor, useValue: { enter: letIn } },
    { provide: Tracing, useValue: new Tracing() },
    DrainState,
    MetricSources,
  ];
}

function letIn(_request: unknown, _response: unknown, next: () => void): void {
  next();
}

async function built<T>(path: string): Promise<T> {
  return (await import(pathToFileURL(join(DIST, path)).href)) as T;
}
