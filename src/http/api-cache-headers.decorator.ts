import { applyDecorators } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';

/** Documents what a request may say about answers that are given again. */
export function ApiCacheHeaders(): MethodDecorator {
  return applyDecorators(
    ApiHeader({
      name: 'Cache-Control',
      required: false,
      description:
        '`no-cache` asks for a new answer; `no-store` has a new one not kept. Only where a cache is configured.',
    }),
    ApiHeader({
      name: 'x-trunkline-cache-ttl',
      required: false,
      description: 'Seconds: an answer that was kept may be given again up to this age, and a new one is kept as long.',
      schema: { type: 'integer', minimum: 0 },
    }),
  );
}
