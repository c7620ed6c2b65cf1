import { type Environment, loadEnvironment } from './environment.js';
import { processVariables } from './process-variables.js';

/**
 * The configuration of this process: its variables, `.env` beside them, and the models file.
 * @throws ConfigurationError with every problem.
 */
export function loadProcessEnvironment(): Environment {
  return loadEnvironment(processVariables());
}
