import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import { useJsonEquality } from './equality-keywords.js';
import { linearPattern } from './linear-pattern.js';

/** Of schemas that one compiler has seen: it keeps something of each, also of those that are removed. */
const MOST_CHARACTERS = 1_000_000;
const LEAST_CHARACTERS = 5_000;

/** How much memory a schema takes once it is compiled, in characters of its text. */
export function sizeOf({ length }: string): number {
  return Math.max(LEAST_CHARACTERS, length);
}

/** Compiles JSON Schemas (2020-12), each by itself: what they call themselves does not matter. */
export class SchemaCompiler {
  readonly #allErrors: boolean;
  #ajv: Ajv2020;
  #seenCharacters = 0;

  /** With `allErrors` what it compiles goes on after the first error, and may find very many. */
  constructor(allErrors: boolean) {
    this.#allErrors = allErrors;
    this.#ajv = createAjv(allErrors);
  }

  /** What the definition of JSON Schema has against the schema, which is JSON; null when nothing. */
  findErrors(text: string): readonly ErrorObject[] | null {
    return this.#ajv.validateSchema(read(text)) === true ? null : (this.#ajv.errors ?? []);
  }

  /** Throws what the schema is to blame for. */
  compile(text: string): ValidateFunction {
    this.#seenCharacters += sizeOf(text);
    if (this.#seenCharacters > MOST_CHARACTERS) {
      this.#ajv = createAjv(this.#allErrors);
      this.#seenCharacters = sizeOf(text);
    }
    const schema = read(text);
    try {
      return this.#ajv.compile(schema);
    } finally {
      this.#ajv.removeSchema(schema);
    }
  }
}

function read(text: string): Record<string, unknown> {
  const { $schema: _, ...schema } = JSON.parse(text) as Record<string, unknown>;
  return schema;
}

function createAjv(allErrors: boolean): Ajv2020 {
  const ajv = new Ajv2020({
    strict: false,
    allErrors,
    // Done apart, where the errors are wanted.
    validateSchema: false,
    validateFormats: false,
    // Names like `constructor` are data.
    ownProperties: true,
    // Copies of what is referred to could grow without end.
    inlineRefs: false,
    logger: false,
    code: { regExp: linearPattern },
  });
  useJsonEquality(ajv);
  return ajv;
}
