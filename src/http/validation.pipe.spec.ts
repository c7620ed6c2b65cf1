import type { ArgumentMetadata } from '@nestjs/common';
import { describe, expect, it } from '@jest/globals';
import { IsInt, IsOptional, IsString } from 'class-validator';
import { ExactNumber } from '../core/exact-number.js';
import type { InvalidRequestError } from '../core/errors/app-error.js';
import { RequestValidationPipe } from './validation.pipe.js';

class Named {
  @IsOptional()
  @IsString()
  name?: string;
}

class Counted {
  @IsInt()
  count!: number;
}

const WIDE = Object.fromEntries(Array.from({ length: 60_000 }, (_, index) => [`k${String(index)}`, '1']));

describe('RequestValidationPipe', () => {
  it.each<[ArgumentMetadata['type'], unknown, string | null]>([
    ['body', { name: 'a' }, null],
    ['body', JSON.parse('{"name":"a","__proto__":{}}'), 'unknown_parameter'],
    ['body', { name: 'a', hasOwnProperty: 1 }, 'unknown_parameter'],
    ['body', WIDE, 'invalid_value'],
    ['query', { name: 'a' }, null],
    ['query', { name: 'a\0' }, 'invalid_query'],
    ['query', { constructor: 'a' }, 'unknown_parameter'],
    ['query', WIDE, 'invalid_query'],
    ['param', 'a', null],
    ['param', 'a\0', 'invalid_id'],
  ])('judges the %s %.40j', async (type, value, code) => {
    const metadata = { type, metatype: type === 'param' ? String : Named };
    const found = await new RequestValidationPipe().transform(value, metadata).then(
      () => null,
      (error: unknown) => (error as InvalidRequestError).code,
    );
    expect(found).toBe(code);
  });

  it('rounds numbers that keep their text: DTO classes know doubles only', async () => {
    const body = { count: new ExactNumber('9007199254740993') };
    const checked: unknown = await new RequestValidationPipe().transform(body, { type: 'body', metatype: Counted });
    expect(checked).toEqual({ count: 2 ** 53 });
  });
});
