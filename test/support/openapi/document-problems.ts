import type { RawDocument } from './api-document.js';

const REFERENCE = '#/components/schemas/';

type Node = Record<string, unknown>;

/** What generators of clients stumble over: references to nothing, names that are there twice, parameters that are not said. */
export function documentProblems(document: RawDocument): string[] {
  const names: string[] = [];
  const problems = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).flatMap(([method, operation]) => {
      const { operationId = '' } = operation as { operationId?: string };
      names.push(operationId);
      const given = (operation.parameters ?? []).map((parameter) => `${parameter.in} ${parameter.name}`);
      const wanted = [...path.matchAll(/\{(\w+)\}/g)].map((match) => `path ${match[1] ?? ''}`);
      const said = given.filter((each) => each.startsWith('path '));
      return [
        ...(operationId === '' ? [`${method} ${path} has no operationId`] : []),
        ...(new Set(given).size < given.length ? [`${method} ${path} has a parameter twice`] : []),
        ...(said.sort().join() === wanted.sort().join() ? [] : [`${method} ${path} says other parameters than it has`]),
        ...(Object.keys(operation.responses).some((status) => /^2|^101/.test(status))
          ? []
          : [`${method} ${path} never succeeds`]),
      ];
    }),
  );
  const twice = names.filter((name, index) => names.indexOf(name) !== index);
  return [...problems, ...twice.map((name) => `${name} is the operationId of several`), ...schemaProblems(document)];
}

function schemaProblems(document: RawDocument): string[] {
  const used = new Set<string>();
  const problems: string[] = [];
  const walk = (value: unknown, path: string): void => {
    if (typeof value !== 'object' || value === null) return;
    const { $ref } = value as Node;
    if (typeof $ref === 'string') used.add($ref.slice(REFERENCE.length));
    problems.push(...oddities(value as Node).map((problem) => `${path} ${problem}`));
    for (const [name, each] of Object.entries(value)) walk(each, `${path}/${name}`);
  };
  walk(document, '');
  const { schemas } = document.components;
  const dangling = [...used].filter((name) => !Object.hasOwn(schemas, name));
  const unused = Object.keys(schemas).filter((name) => !used.has(name));
  return [
    ...problems,
    ...dangling.map((name) => `There is no schema ${name}`),
    ...unused.map((name) => `Nobody uses the schema ${name}`),
  ];
}

function oddities(schema: Node): string[] {
  const { $ref, type, items, required, properties, enum: choices } = schema;
  const isTwice = Array.isArray(choices) && new Set(choices).size < choices.length;
  const known = typeof properties === 'object' && properties !== null ? properties : null;
  const missing = known && Array.isArray(required) ? required.filter((name) => !(String(name) in known)) : [];
  return [
    ...($ref !== undefined && Object.keys(schema).length > 1 ? ['has more than its $ref'] : []),
    ...(type === 'array' && items === undefined ? ['is a list of nothing'] : []),
    ...(isTwice ? ['has a choice twice'] : []),
    ...missing.map((name) => `needs ${String(name)}, which it does not have`),
  ];
}
