import type { ErrorObject } from 'ajv/dist/2020.js';
import type { JsonProblem } from './messages.js';

const MOST_PROBLEMS = 20;
const MOST_VALUE_CHARACTERS = 200;

/** What the schema compiler found, in words, each place under `root`; the first twenty, each once. */
export function describeErrors(errors: readonly ErrorObject[] | null | undefined, root: string): JsonProblem[] {
  const described = new Map<string, JsonProblem>();
  for (const error of errors ?? []) {
    const problem = { path: pathOf(error.instancePath, root), message: messageOf(error) };
    described.set(`${problem.path} ${problem.message}`, problem);
    if (described.size === MOST_PROBLEMS) break;
  }
  return [...described.values()];
}

function messageOf({ keyword, message = 'does not match', params }: ErrorObject): string {
  const facts = params as Record<string, unknown>;
  switch (keyword) {
    case 'additionalProperties':
      return `must not have the property ${show(facts.additionalProperty)}`;
    case 'unevaluatedProperties':
      return `must not have the property ${show(facts.unevaluatedProperty)}`;
    case 'required':
      return `must have the property ${show(facts.missingProperty)}`;
    case 'enum':
      return `must be one of ${show(facts.allowedValues)}`;
    case 'const':
      return `must be ${show(facts.allowedValue)}`;
    default:
      return shorten(message);
  }
}

function show(value: unknown): string {
  return shorten(JSON.stringify(value));
}

function shorten(text: string): string {
  return text.length <= MOST_VALUE_CHARACTERS ? text : `${text.slice(0, MOST_VALUE_CHARACTERS).toWellFormed()}…`;
}

// A JSON pointer, in the form of the other paths of the API.
function pathOf(pointer: string, root: string): string {
  return pointer
    .split('/')
    .slice(1)
    .reduce((path, step) => {
      const name = step.replaceAll('~1', '/').replaceAll('~0', '~');
      return /^\d+$/.test(name) ? `${path}[${name}]` : `${path}.${shorten(name)}`;
    }, root);
}
