import type { ValidationError } from 'class-validator';
import { type ErrorDetail, InvalidRequestError } from '../core/errors/app-error.js';
import type { ErrorCode } from '../core/errors/error-codes.js';

interface Problem extends ErrorDetail {
  code: ErrorCode;
}

const UNKNOWN = 'whitelistValidation';
const TYPE_CHECKS: ReadonlySet<string> = new Set([
  'isArray',
  'isBoolean',
  'isInt',
  'isNumber',
  'isObject',
  'isString',
  'nestedValidation',
]);
const MAX_DETAILS = 50;

/** class-validator's findings as one error: the first decides code and `param`, all are in the details. */
export function toInvalidRequest(errors: ValidationError[]): InvalidRequestError {
  const problems = errors.flatMap((error) => findProblems(error, ''));
  const [first] = problems;
  if (!first) return new InvalidRequestError('invalid_value', 'The request is not valid.');
  return new InvalidRequestError(first.code, first.message, {
    param: first.path,
    details: problems.slice(0, MAX_DETAILS).map(({ path, message }) => ({ path, message })),
  });
}

function findProblems(error: ValidationError, parent: string): Problem[] {
  const path = joinPath(parent, error.property);
  const failed = Object.entries(error.constraints ?? {});
  // One problem a field: what has the wrong type fails its other checks too.
  const worst = failed.find(([check]) => TYPE_CHECKS.has(check)) ?? failed[0];
  const own = worst ? [toProblem(worst[0], worst[1], path, error)] : [];
  return [...own, ...(error.children ?? []).flatMap((child) => findProblems(child, path))];
}

function toProblem(check: string, text: string, path: string, error: ValidationError): Problem {
  if (check === UNKNOWN) {
    return { code: 'unknown_parameter', path, message: `\`${path}\` is not a parameter of this route. Remove it.` };
  }
  if (error.value === undefined) {
    return { code: 'missing_required_parameter', path, message: `\`${path}\` is missing. Send it.` };
  }
  const code = TYPE_CHECKS.has(check) ? 'invalid_type' : 'invalid_value';
  // class-validator's texts begin with the bare name of the property.
  const rest = text.startsWith(error.property) ? text.slice(error.property.length) : ` is not valid: ${text}`;
  return { code, path, message: `\`${path}\`${rest}.` };
}

function joinPath(parent: string, property: string): string {
  if (parent === '') return property;
  return /^\d+$/.test(property) ? `${parent}[${property}]` : `${parent}.${property}`;
}
