/** One thing that is wrong with the configuration: a variable's name or a path in the models file, and what to do. */
export interface ConfigurationProblem {
  readonly where: string;
  readonly message: string;
}

/** The server cannot start; the message lists every problem on a line of its own and never shows a secret's value. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';

  constructor(readonly problems: readonly ConfigurationProblem[]) {
    const count = problems.length === 1 ? '1 problem' : `${String(problems.length)} problems`;
    const lines = problems.map((problem) => `  - ${problem.where}: ${problem.message}`);
    super([`The configuration has ${count}:`, ...lines].join('\n'));
  }
}
