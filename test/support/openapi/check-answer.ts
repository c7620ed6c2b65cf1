import { Ajv, type ValidateFunction } from 'ajv';
import type { ApiDocument, Operation, Schema } from './api-document.js';

/** Says what is wrong with an answer by the document; null when nothing is. */
export class AnswerChecker {
  readonly #ajv: Ajv;
  readonly #checks = new Map<string, ValidateFunction>();

  constructor(document: ApiDocument) {
    this.#ajv = new Ajv({ strict: false, validateFormats: false, allErrors: false });
    this.#ajv.addSchema({ ...withIds(document.raw), $id: 'api' });
  }

  check(operation: Operation, status: number, contentType: string, text: string): string | null {
    const declared = operation.responses[String(status)];
    if (!declared) return `${operation.name} does not say that it may answer ${String(status)}.`;
    if (text === '' && !declared.content) return null;
    const type = contentType.split(';')[0] ?? '';
    const entry = Object.entries(declared.content ?? {}).find(([each]) => fits(type, each));
    if (!entry) return `${operation.name} does not say that ${String(status)} may be ${type}.`;
    if (type !== 'application/json' || !entry[1].schema) return null;
    const validate = this.#validator(`${operation.name} ${String(status)} ${entry[0]}`, entry[1].schema);
    if (validate(JSON.parse(text))) return null;
    return `${operation.name} answers ${String(status)} in another form: ${this.#ajv.errorsText(validate.errors)}`;
  }

  #validator(key: string, schema: Schema): ValidateFunction {
    const known = this.#checks.get(key) ?? this.#ajv.compile(withReferences(schema));
    this.#checks.set(key, known);
    return known;
  }
}

function fits(type: string, declared: string): boolean {
  return declared === type || declared === '*/*' || (declared.endsWith('/*') && type.startsWith(declared.slice(0, -1)));
}

// Of OpenAPI 3.0 only `nullable` beside other words than `type` means something else to a validator of JSON Schema.
function withIds(raw: ApiDocument['raw']): object {
  return JSON.parse(JSON.stringify({ components: raw.components }), toJsonSchema) as object;
}

function withReferences(schema: Schema): object {
  const text = JSON.stringify(schema).replaceAll('"#/components/', '"api#/components/');
  return JSON.parse(text, toJsonSchema) as object;
}

function toJsonSchema(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('nullable' in value) || value.nullable !== true) return value;
  const { nullable: _nullable, ...schema } = value as Schema;
  return { anyOf: [{ type: 'null' }, schema] };
}
