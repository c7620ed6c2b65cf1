import { Gauge, type Registry } from 'prom-client';
import type { AdmissionGauges } from '../../core/telemetry/admission-telemetry.js';

/** The series about how full the process is, registered with one registry. */
export class AdmissionGaugeInstruments {
  readonly #inFlight: Gauge;
  readonly #queued: Gauge;
  readonly #seats: Gauge;
  readonly #bodyBytes: Gauge;

  constructor(registry: Registry) {
    const gauge = (name: string, help: string): Gauge =>
      new Gauge({ name: `trunkline_admission_${name}`, help, registers: [registry] });
    this.#inFlight = gauge('in_flight', 'Requests and messages under way that hold a seat.');
    this.#queued = gauge('queue_length', 'Requests that wait for a seat.');
    this.#seats = gauge('seats', 'Requests that may be under way now; +Inf where it is not limited.');
    this.#bodyBytes = gauge('body_bytes', 'Size of the large bodies that are read or worked on.');
  }

  /** Shows how full the process is; without anything where nobody says. */
  show(gauges: AdmissionGauges | null): void {
    if (!gauges) return;
    this.#inFlight.set(gauges.inFlight);
    this.#queued.set(gauges.queued);
    this.#seats.set(gauges.seats);
    this.#bodyBytes.set(gauges.bodyBytes);
  }
}
