/** What this project's document uses of OpenAPI's schemas. */
export interface Schema {
  $ref?: string;
  type?: string;
  nullable?: boolean;
  format?: string;
  pattern?: string;
  enum?: unknown[];
  default?: unknown;
  example?: unknown;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  uniqueItems?: boolean;
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: boolean | Schema;
  oneOf?: Schema[];
  anyOf?: Schema[];
  allOf?: Schema[];
}

export interface Parameter {
  name: string;
  in: 'path' | 'query' | 'header';
  required?: boolean;
  schema?: Schema;
}

interface RawOperation {
  security?: object[];
  parameters?: Parameter[];
  requestBody?: { content: Record<string, { schema: Schema }> };
  responses: Record<string, { description?: string; content?: Record<string, { schema?: Schema }> }>;
}

/** The document as it comes over the wire. */
export interface RawDocument {
  paths: Record<string, Record<string, RawOperation>>;
  components: { schemas: Record<string, Schema> };
}

/** One method of one path. */
export interface Operation {
  /** Like `GET /v1/jobs/{id}`. */
  name: string;
  method: string;
  path: string;
  needsKey: boolean;
  /** The scope that its key needs; null when any will do. */
  scope: string | null;
  parameters: readonly Parameter[];
  body: { type: string; schema: Schema } | null;
  responses: RawOperation['responses'];
}

const SCOPE = /The key lacks the scope `(\w+)`/;

/** The operations of an OpenAPI document, and its schemas by their names. */
export class ApiDocument {
  readonly operations: readonly Operation[];

  constructor(readonly raw: RawDocument) {
    this.operations = Object.entries(raw.paths).flatMap(([path, item]) =>
      Object.entries(item).map(([method, operation]) => toOperation(path, method, operation)),
    );
  }

  /** The schema itself, where a reference stands for it or it is made of one. */
  resolve(schema: Schema): Schema {
    if (schema.$ref !== undefined) {
      const found = this.raw.components.schemas[schema.$ref.slice('#/components/schemas/'.length)];
      if (!found) throw new Error(`The document has no ${schema.$ref}.`);
      return this.resolve(found);
    }
    const { allOf, ...rest } = schema;
    return allOf ? (Object.assign({}, ...allOf.map((part) => this.resolve(part)), rest) as Schema) : schema;
  }

  /** Every field of a body with its path, like `messages[].content`, also those inside of lists and alternatives. */
  fields(schema: Schema, prefix = '', depth = 0): { path: string; name: string; schema: Schema }[] {
    const { properties = {}, items, oneOf = [] } = this.resolve(schema);
    if (depth > 8) return [];
    const own = Object.entries(properties).flatMap(([name, each]) => {
      const path = prefix === '' ? name : `${prefix}.${name}`;
      return [{ path, name, schema: this.resolve(each) }, ...this.fields(each, path, depth + 1)];
    });
    const listed = items ? this.fields(items, `${prefix}[]`, depth + 1) : [];
    return [...own, ...listed, ...oneOf.flatMap((each) => this.fields(each, prefix, depth + 1))];
  }
}

function toOperation(path: string, method: string, operation: RawOperation): Operation {
  const [type = '', content] = Object.entries(operation.requestBody?.content ?? {})[0] ?? [];
  return {
    name: `${method.toUpperCase()} ${path}`,
    method: method.toUpperCase(),
    path,
    needsKey: (operation.security ?? []).length > 0,
    scope: SCOPE.exec(operation.responses['403']?.description ?? '')?.[1] ?? null,
    parameters: operation.parameters ?? [],
    body: content ? { type, schema: content.schema } : null,
    responses: operation.responses,
  };
}
