import { Transform } from 'class-transformer';
import { IsInt, Max, Min } from 'class-validator';
import { toInteger } from './convert-variable.js';

/** A decorator for whole numbers between two bounds, with one message for everything that can be wrong. */
export function WholeNumber(minimum: number, maximum: number): PropertyDecorator {
  const message = `must be a whole number from ${String(minimum)} to ${String(maximum)}`;
  return (target, property) => {
    Transform(({ value }) => toInteger(value))(target, property);
    IsInt({ message })(target, property);
    Min(minimum, { message })(target, property);
    Max(maximum, { message })(target, property);
  };
}
