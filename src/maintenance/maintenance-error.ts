/** A command cannot do what it was asked to; the message says why and what to do. */
export class MaintenanceError extends Error {
  override readonly name = 'MaintenanceError';
}
