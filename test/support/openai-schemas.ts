import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';

const SCHEMAS = fileURLToPath(new URL('../../../shared/wire/openai-schemas.json', import.meta.url));

let compiler: { ajv: Ajv2020; id: string } | null | undefined;

/**
 * A check that throws when a value does not fit the named schema of OpenAI's API. Without the file of schemas it checks
 * nothing, and says so once.
 */
export function openAiSchemaCheck(name: string): (value: unknown) => void {
  compiler ??= createCompiler();
  if (!compiler) return () => undefined;
  const { ajv, id } = compiler;
  const validate = ajv.compile({ $ref: `${id}#/components/schemas/${name}` });
  return (value) => {
    if (!validate(value)) throw new Error(`${ajv.errorsText(validate.errors)} in ${JSON.stringify(value)}`);
  };
}

function createCompiler(): typeof compiler {
  if (!existsSync(SCHEMAS)) {
    process.stderr.write(`OpenAI's schemas are not at ${SCHEMAS}: answers are not checked against them.\n`);
    return null;
  }
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  const document = JSON.parse(readFileSync(SCHEMAS, 'utf8')) as { $id: string };
  ajv.addSchema(document);
  return { ajv, id: document.$id };
}
