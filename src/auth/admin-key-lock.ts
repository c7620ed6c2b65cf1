import type { EntityManager } from 'typeorm';

/**
 * Lets one transaction at a time, of all replicas, decide what becomes of the admin keys; until the transaction ends.
 * Each schema has a lock of its own.
 */
export async function lockAdminKeys(manager: EntityManager): Promise<void> {
  await manager.query(`select pg_advisory_xact_lock(hashtextextended('trunkline.admin-keys.' || current_schema(), 0))`);
}
