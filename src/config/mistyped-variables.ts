import type { ConfigurationProblem } from './configuration-error.js';

const OURS = 'TRUNKLINE_';
/** Mistakes of a hand; a name that differs by more is somebody's own, such as what Kubernetes makes of a service. */
const MOST_MISTAKES = 2;

/**
 * What is wrong with the names of variables: one that begins like ours and is none, but nearly so, was meant to be that one, and
 * would change nothing without anybody's noticing.
 */
export function mistypedVariables(present: readonly string[], known: readonly string[]): ConfigurationProblem[] {
  const ours = known.filter((name) => name.startsWith(OURS));
  return present
    .filter((name) => name.toUpperCase().startsWith(OURS) && !known.includes(name))
    .flatMap((name) => {
      const meant = ours.find((candidate) => distance(name.toUpperCase(), candidate) <= MOST_MISTAKES);
      return meant === undefined
        ? []
        : [{ where: name, message: `is no variable of Trunkline; ${meant} is, which is spelled differently` }];
    });
}

/** How many letters have to be put in, left out or changed (Levenshtein). */
function distance(from: string, to: string): number {
  let above = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [row, letter] of from.split('').entries()) {
    const line = [row + 1];
    for (const [column, other] of to.split('').entries()) {
      const changed = (above[column] ?? 0) + (letter === other ? 0 : 1);
      line.push(Math.min(changed, (above[column + 1] ?? 0) + 1, (line[column] ?? 0) + 1));
    }
    above = line;
  }
  return above.at(-1) ?? 0;
}
