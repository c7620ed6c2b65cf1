import type { OpenAPIObject } from '@nestjs/swagger';

type Operation = NonNullable<OpenAPIObject['paths'][string]['post']>;

const ANSWERS: Readonly<Record<number, string>> = {
  400: 'The request is not valid; `param` and `message` say what to change.',
  404: 'There is no such thing, or it belongs to another project.',
  408: 'The body took too long to arrive.',
  413: 'The body is larger than the server takes.',
  415: 'The body is of another media type, charset or encoding than the route takes.',
  500: 'The server failed; the request id helps to find out why.',
};

/** Adds to the description of a route that needs a key the refusals that follow from its form, where it has none of its own. */
export function describeCommonErrors(method: string, operation: Operation): void {
  if (!operation.security || operation.security.length === 0) return;
  for (const status of statusesOf(method, operation))
    operation.responses[status] ??= { description: ANSWERS[status] ?? '' };
}

function statusesOf(method: string, { parameters = [] }: Operation): number[] {
  const isNamed = parameters.some((parameter) => 'in' in parameter && parameter.in === 'path');
  // A body is read wherever one may come, also where nothing is made of it.
  const readsBody = method !== 'get' && method !== 'delete';
  return [
    ...(parameters.length > 0 || readsBody ? [400] : []),
    ...(isNamed ? [404] : []),
    ...(readsBody ? [408, 413, 415] : []),
    500,
  ];
}
