import type { OpenAPIObject } from '@nestjs/swagger';

type Operation = NonNullable<OpenAPIObject['paths'][string]['post']>;

const DESCRIPTION =
  'Makes it safe to send the request again: the first one with this key is answered even if its client leaves, and the ' +
  'same request with the same key gets the same answer for a day, with `idempotent-replayed: true`.';
const RESPONSES = {
  409: 'The first request with this `Idempotency-Key` is being answered; `retry-after` says when to ask again.',
  422: 'The `Idempotency-Key` was used with another request.',
} as const;

/** Adds to the description of a POST route what holds for all that need a key: the header, and its refusals. */
export function describeIdempotency(operation: Operation): void {
  if (!operation.security || operation.security.length === 0) return;
  operation.parameters = [
    ...(operation.parameters ?? []),
    {
      name: 'Idempotency-Key',
      in: 'header',
      required: false,
      description: DESCRIPTION,
      schema: { type: 'string', minLength: 1, maxLength: 255 },
    },
  ];
  for (const [status, description] of Object.entries(RESPONSES)) {
    const known = operation.responses[status];
    if (!known) operation.responses[status] = { description };
    else if ('description' in known) known.description = `${known.description} ${description}`.trim();
  }
}
