import { SHAPES } from '../shapes.js';
import { bestRate } from './best-rate.js';
import type { Report } from './report.js';
import { shown } from './spread.js';

const TARGET = '>= 1.6';
/** Two for the gateway, one each for the mock and the load. */
const FEWEST_CORES = 4;

/** What `WORKERS=2` gives over one process; on few cores it is shown and not judged. */
export function scalingRows({ machine, measurements }: Report): string[][] {
  const target =
    machine.cores >= FEWEST_CORES
      ? TARGET
      : `${TARGET}: skipped on ${String(machine.cores)} cores, of which mock and load take their share`;
  return ['bare', 'governed'].flatMap((name) =>
    SHAPES.flatMap((shape) => {
      const ratio = bestRate(measurements, `${name}-2`, shape.name) / bestRate(measurements, name, shape.name);
      if (!Number.isFinite(ratio)) return [];
      const unit = shape.isStream ? 'streams/s' : 'requests/s';
      const aim = `${name}, WORKERS=2: ${unit} (${shape.name}), times one process's, each at its best`;
      return [[aim, target, shown(ratio, 2)]];
    }),
  );
}
