/** Only name, code and stack of what was thrown: errors of drivers carry queries and their parameters in other members. */
export function describeError(thrown: unknown): Record<string, unknown> {
  if (!(thrown instanceof Error)) return { error: typeof thrown };
  const code = (thrown as { code?: unknown }).code;
  return {
    error: thrown.name,
    error_code: typeof code === 'string' ? code : undefined,
    stack: thrown.stack,
    cause: thrown.cause instanceof Error ? thrown.cause.stack : undefined,
  };
}
