const WAIT =
  /(?:retry|try again) (?:after|in) (?:(\d{1,6})m(?!s))?(?:(\d{1,9}(?:\.\d{1,6})?) ?(ms|milliseconds?|s|seconds?))?/i;

/** The wait in milliseconds that a refusal asks for in words ("retry after 7 seconds", "try again in 1m2.5s"), if any. */
export function readWaitText(message: string): number | undefined {
  const [, minutes, amount, unit = ''] = WAIT.exec(message) ?? [];
  if (minutes === undefined && amount === undefined) return undefined;
  const scale = unit.toLowerCase().startsWith('m') ? 1 : 1000;
  return Math.round(Number(minutes ?? 0) * 60_000 + Number(amount ?? 0) * scale);
}
