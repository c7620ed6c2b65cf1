import { _, type Ajv2020, type CodeKeywordDefinition, type KeywordCxt, type Name, str } from 'ajv/dist/2020.js';
import { findTwins, isSameJson } from './same-json.js';

const CONST: CodeKeywordDefinition = {
  keyword: 'const',
  error: {
    message: 'must be equal to constant',
    params: ({ schemaCode }) => _`{allowedValue: ${schemaCode}}`,
  },
  code: (cxt) => {
    cxt.fail(_`!${useFunction(cxt, isSameJson)}(${cxt.data}, ${cxt.schemaCode})`);
  },
};

const ENUM: CodeKeywordDefinition = {
  keyword: 'enum',
  schemaType: 'array',
  error: {
    message: 'must be equal to one of the allowed values',
    params: ({ schemaCode }) => _`{allowedValues: ${schemaCode}}`,
  },
  code: (cxt) => {
    const values = cxt.schema as readonly unknown[];
    if (values.length === 0) throw new Error('enum must have non-empty array');
    cxt.fail(_`!${useFunction(cxt, isOneOf)}(${cxt.data}, ${cxt.schemaCode})`);
  },
};

const UNIQUE_ITEMS: CodeKeywordDefinition = {
  keyword: 'uniqueItems',
  type: 'array',
  schemaType: 'boolean',
  error: {
    message: ({ params: { twins } }) =>
      str`must NOT have duplicate items (items ## ${_`${twins}.j`} and ${_`${twins}.i`} are identical)`,
    params: ({ params: { twins } }) => _`${twins}`,
  },
  code: (cxt) => {
    if (cxt.schema !== true) return;
    const twins = cxt.gen.const('twins', _`${useFunction(cxt, findTwins)}(${cxt.data})`);
    cxt.setParams({ twins });
    cxt.fail(_`${twins} !== null`);
  },
};

/**
 * Has a compiler compare values as JSON: its own way calls the `toString` and `valueOf` of what it compares, and takes
 * `constructor` for a class, all of which a text may hold as data.
 */
export function useJsonEquality(ajv: Ajv2020): void {
  for (const definition of [CONST, ENUM, UNIQUE_ITEMS]) {
    ajv.removeKeyword(definition.keyword as string);
    ajv.addKeyword(definition);
  }
}

function isOneOf(value: unknown, values: readonly unknown[]): boolean {
  return values.some((one) => isSameJson(one, value));
}

function useFunction({ gen }: KeywordCxt, ref: (...values: never[]) => unknown): Name {
  return gen.scopeValue('func', { ref });
}
