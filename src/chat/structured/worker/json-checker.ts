import type { ValidateFunction } from 'ajv/dist/2020.js';
import { LRUCache } from 'lru-cache';
import { describeErrors } from './describe-errors.js';
import { UnboundedPatternError } from './linear-pattern.js';
import type { JsonCheck, JsonProblem } from './messages.js';
import { SchemaCompiler, sizeOf } from './schema-compiler.js';

/** Of the schemas that are kept compiled. */
const MOST_CHARACTERS = 1_000_000;
const MOST_DEPTH = 256;
/** What a schema is tried on, so that one that never comes to an end is known before anybody pays for an answer. */
const TRIALS: readonly unknown[] = [null, {}, [], '', 0];
/** The compiler leaves it out, so that whatever it holds would pass. */
const UNCHECKED_NAME = '"__proto__"';

interface Compiled {
  /** Stops at the first error. */
  readonly validate: ValidateFunction;
  /** Goes on to find them all: made when it is needed. */
  validateAll: ValidateFunction | null;
}

type Usable = Compiled | { readonly problems: readonly JsonProblem[] };

/** Checks texts against JSON Schemas (2020-12; formats are not checked). It may take any time and memory: run it apart. */
export class JsonChecker {
  readonly #compiled = new LRUCache<string, Usable>({
    maxSize: MOST_CHARACTERS,
    sizeCalculation: (_usable, text) => sizeOf(text),
  });
  readonly #compiler = new SchemaCompiler(false);
  readonly #compilerOfAll = new SchemaCompiler(true);

  /** `text` is what a model wrote; null tells only whether the schema, which is JSON, is of use. */
  check(schema: string, text: string | null): JsonCheck {
    let usable = this.#compiled.get(schema);
    if (!usable) {
      usable = this.#compile(schema);
      this.#compiled.set(schema, usable);
    }
    if ('problems' in usable) return { kind: 'unusable', problems: usable.problems };
    return text === null ? { kind: 'valid' } : this.#checkText(text, schema, usable);
  }

  #compile(schema: string): Usable {
    if (schema.includes(UNCHECKED_NAME)) return blame(`has the name ${UNCHECKED_NAME}, which cannot be checked`);
    try {
      const errors = this.#compiler.findErrors(schema);
      if (errors) return { problems: describeErrors(errors, 'schema') };
      const validate = this.#compiler.compile(schema);
      for (const trial of TRIALS) validate(trial);
      return { validate, validateAll: null };
    } catch (error) {
      return blame(explain(error));
    }
  }

  #checkText(text: string, schema: string, compiled: Compiled): JsonCheck {
    let data: unknown;
    try {
      data = JSON.parse(text);
    } catch (error) {
      return invalid(text.trim() === '' ? 'is empty' : `is not JSON: ${(error as Error).message}`);
    }
    if (isDeeperThan(data, MOST_DEPTH)) return invalid(`is nested deeper than ${String(MOST_DEPTH)} levels`);
    try {
      if (compiled.validate(data)) return { kind: 'valid' };
      const validateAll = (compiled.validateAll ??= this.#compilerOfAll.compile(schema));
      validateAll(data);
      return { kind: 'invalid', problems: describeErrors(validateAll.errors, 'data') };
    } catch (error) {
      return { kind: 'unusable', ...blame(explain(error)) };
    }
  }
}

function invalid(message: string): JsonCheck {
  return { kind: 'invalid', problems: [{ path: 'data', message }] };
}

function blame(message: string): { problems: readonly JsonProblem[] } {
  return { problems: [{ path: 'schema', message }] };
}

function isDeeperThan(data: unknown, limit: number): boolean {
  let level = [data];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > limit) return true;
    level = level.flatMap((value): unknown[] =>
      typeof value === 'object' && value !== null ? Object.values(value) : [],
    );
  }
  return false;
}

function explain(error: unknown): string {
  if (error instanceof UnboundedPatternError) return error.message;
  if (error instanceof RangeError) return 'refers to itself without end';
  return error instanceof Error ? error.message : 'cannot be compiled';
}
