import fc from 'fast-check';
import { readableValue } from './readable-values.js';
import type { ApiDocument, Operation, Parameter, Schema } from './api-document.js';

/** A request before it goes out. */
export interface ApiRequest {
  method: string;
  /** With its query. */
  path: string;
  headers: Record<string, string>;
  /** Text, a form's fields, or nothing. */
  body: string | Record<string, unknown> | null;
}

/** What a schema cannot say of a field: its values by its path (`messages[].role`) or, with less weight, its name. */
export type Hints = (operation: Operation, path: string, name: string) => fc.Arbitrary<unknown> | undefined;

/** The hint that a field is not to be sent. */
export const LEFT_OUT: fc.Arbitrary<unknown> = fc.constant(undefined);

const DEEPEST = 5;

/** Makes requests that the document calls valid. */
export class ArbitraryRequests {
  constructor(
    readonly document: ApiDocument,
    private readonly hints: Hints,
  ) {}

  of(operation: Operation): fc.Arbitrary<ApiRequest> {
    const parameters = operation.parameters.map((parameter) => this.#parameter(operation, parameter));
    const body = operation.body ? this.#value(operation, operation.body.schema, '', '', 0) : fc.constant(null);
    return fc.tuple(fc.tuple(...parameters), body).map(([given, value]) => toRequest(operation, given, value));
  }

  #parameter(operation: Operation, parameter: Parameter): fc.Arbitrary<GivenParameter> {
    const { name, schema = {} } = parameter;
    const value = this.#value(operation, { ...schema, nullable: false }, `${parameter.in}:${name}`, name, 1);
    const given = value.map((each): GivenParameter => ({
      parameter,
      value: each === undefined ? null : String(each as string | number | boolean),
    }));
    const isNeeded = parameter.in === 'path' || parameter.required === true;
    return isNeeded ? given : fc.oneof({ weight: 3, arbitrary: fc.constant({ parameter, value: null }) }, given);
  }

  #value(operation: Operation, given: Schema, path: string, name: string, depth: number): fc.Arbitrary<unknown> {
    const hinted = this.hints(operation, path, name);
    if (hinted) return hinted;
    const schema = this.document.resolve(given);
    const value = this.#plain(operation, schema, path, name, depth);
    return schema.nullable === true ? fc.oneof({ weight: 7, arbitrary: value }, fc.constant(null)) : value;
  }

  #plain(operation: Operation, schema: Schema, path: string, name: string, depth: number): fc.Arbitrary<unknown> {
    if (schema.enum) return fc.constantFrom(...schema.enum);
    if (schema.properties && (schema.oneOf ?? schema.anyOf)) {
      const canBe = (names: string[]): boolean => names.every((name) => this.hints(operation, name, name) !== LEFT_OUT);
      const kinds = kindsOf(schema, canBe);
      return fc.oneof(...kinds.map((each) => this.#object(operation, each, path, depth)));
    }
    if (schema.oneOf) {
      return fc.oneof(...schema.oneOf.map((each) => this.#value(operation, each, path, name, depth)));
    }
    if (schema.type === 'array') return this.#list(operation, schema, path, name, depth);
    if (schema.type === 'object') return this.#object(operation, schema, path, depth);
    return readableValue(schema);
  }

  #list(operation: Operation, schema: Schema, path: string, name: string, depth: number): fc.Arbitrary<unknown> {
    const minLength = schema.minItems ?? (depth > DEEPEST ? 0 : 1);
    const maxLength = Math.min(schema.maxItems ?? minLength + 2, minLength + 2);
    const item = this.#value(operation, schema.items ?? {}, `${path}[]`, name, depth + 1);
    if (schema.uniqueItems === true) return fc.uniqueArray(item, { minLength, maxLength });
    return fc.array(item, { minLength, maxLength });
  }

  #object(operation: Operation, schema: Schema, path: string, depth: number): fc.Arbitrary<unknown> {
    const { properties = {}, required = [], additionalProperties } = schema;
    const kept = Object.entries(properties).filter(([name]) => required.includes(name) || depth <= DEEPEST);
    const members = kept.map(([name, each]): [string, fc.Arbitrary<unknown>] => {
      const value = this.#value(operation, each, path === '' ? name : `${path}.${name}`, name, depth + 1);
      return [
        name,
        required.includes(name) ? value : fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, value),
      ];
    });
    const known = fc.record(Object.fromEntries(members));
    if (typeof additionalProperties !== 'object') return known;
    const free = this.#value(operation, additionalProperties, `${path}.*`, '*', depth + 1);
    return fc
      .tuple(known, fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), free, { maxKeys: 3 }))
      .map(([one, more]) => ({
        ...more,
        ...one,
      }));
  }
}

/** What a schema is that says which of its fields are needed; those of the others are left out. */
function kindsOf({ oneOf, anyOf, ...schema }: Schema, canBe: (names: string[]) => boolean): Schema[] {
  const kinds = (oneOf ?? anyOf ?? []).map(({ required = [] }) => required);
  return kinds.filter(canBe).map((required) => {
    const others = new Set(kinds.flat().filter((name) => !required.includes(name)));
    const properties = Object.entries(schema.properties ?? {}).filter(([name]) => !others.has(name));
    return {
      ...schema,
      properties: Object.fromEntries(properties),
      required: [...(schema.required ?? []), ...required],
    };
  });
}

interface GivenParameter {
  parameter: Parameter;
  value: string | null;
}

function toRequest(operation: Operation, given: readonly GivenParameter[], value: unknown): ApiRequest {
  let { path } = operation;
  const query: string[] = [];
  const headers: Record<string, string> = {};
  for (const { parameter, value: text } of given) {
    if (text === null) continue;
    if (parameter.in === 'path') path = path.replace(`{${parameter.name}}`, encodeURIComponent(text));
    else if (parameter.in === 'query') query.push(`${parameter.name}=${encodeURIComponent(text)}`);
    else headers[parameter.name] = text;
  }
  const isForm = operation.body?.type === 'multipart/form-data';
  return {
    method: operation.method,
    path: query.length > 0 ? `${path}?${query.join('&')}` : path,
    headers: operation.body && !isForm ? { ...headers, 'content-type': 'application/json' } : headers,
    body: isForm ? (value as Record<string, unknown>) : operation.body && JSON.stringify(value),
  };
}
