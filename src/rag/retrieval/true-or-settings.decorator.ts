import { applyDecorators, type Type } from '@nestjs/common';
import { ApiExtraModels, ApiProperty, getSchemaPath } from '@nestjs/swagger';
import { plainToInstance, Transform } from 'class-transformer';
import { IsObject, IsOptional, ValidateNested } from 'class-validator';

/** A field that is an object of settings; `true` is the same as none of them, `false` and null the same as missing. */
export function TrueOrSettings(settings: Type<object>): PropertyDecorator {
  return applyDecorators(
    (target: object) => {
      ApiExtraModels(settings)(target.constructor);
    },
    ApiProperty({ required: false, type: Object, oneOf: [{ type: 'boolean' }, { $ref: getSchemaPath(settings) }] }),
    IsOptional(),
    Transform(({ value }: { value: unknown }) => toSettings(settings, value)),
    IsObject({ message: '$property must be true or an object of settings' }),
    ValidateNested(),
  );
}

function toSettings(settings: Type<object>, value: unknown): unknown {
  if (value === true) return new settings();
  if (value === false || value === null) return undefined;
  const isPlain = typeof value === 'object' && !Array.isArray(value);
  return isPlain ? plainToInstance(settings, value) : value;
}
