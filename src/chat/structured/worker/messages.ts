/** Something wrong with one place of a document, `data.items[0].price`, or of a schema, `schema.properties.a`. */
export interface JsonProblem {
  readonly path: string;
  readonly message: string;
}

/**
 * What a check came to: the text is JSON and matches the schema, it does not and says where, or the schema itself is of no
 * use. Problems are at least one and few.
 */
export type JsonCheck =
  { readonly kind: 'valid' } | { readonly kind: 'invalid' | 'unusable'; readonly problems: readonly JsonProblem[] };

/** A JSON Schema as JSON, and the text to check; null to see only whether the schema is of use. */
export interface ToSchemaWorker {
  readonly schema: string;
  readonly text: string | null;
}

export type FromSchemaWorker = { readonly type: 'ready' } | { readonly type: 'checked'; readonly check: JsonCheck };
