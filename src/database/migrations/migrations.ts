/** Every migration in the order it runs. They only go forward. */
export const MIGRATIONS: (new () => import('typeorm').MigrationInterface)[] = [];
