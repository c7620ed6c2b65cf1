import { ApiProperty, type ApiPropertyOptions } from '@nestjs/swagger';
import { getMetadataStorage } from 'class-validator';

interface Check {
  propertyName: string;
  name?: string;
  constraints?: readonly unknown[];
  each?: boolean;
}

// Types and comments, which the document is made of otherwise, know no whole numbers and no bounds with a name.
const TYPES: Readonly<Record<string, string>> = { isInt: 'integer', isNumber: 'number', isBoolean: 'boolean' };
const BOUNDS: Readonly<Record<string, string>> = { min: 'minimum', max: 'maximum' };

/** Makes the OpenAPI document say of numbers and switches in DTO classes what is checked of them; call it before it is made. */
export function describeChecks(): void {
  // The storage shows the checks of a class only to who has the class; a document is made of all there are.
  const { validationMetadatas } = getMetadataStorage() as unknown as {
    validationMetadatas: ReadonlyMap<{ prototype: object }, readonly Check[]>;
  };
  for (const [{ prototype }, checks] of validationMetadatas) {
    const typed = checks.filter(({ name = '', each }) => name in TYPES && !each);
    for (const { propertyName } of typed) {
      const own = checks.filter((check) => check.propertyName === propertyName);
      ApiProperty(optionsOf(own))(prototype, propertyName);
    }
  }
}

function optionsOf(checks: readonly Check[]): ApiPropertyOptions {
  const options: Record<string, unknown> = {};
  for (const { name = '', constraints = [] } of checks) {
    const type = TYPES[name];
    const bound = BOUNDS[name];
    if (type !== undefined) options.type = type;
    if (bound !== undefined) options[bound] = constraints[0];
    if (name === 'isOptional') options.required = false;
  }
  return options;
}
