import { type Document, isMap, isScalar, isSeq, type Node, type Scalar } from 'yaml';
import type { VariableReader } from '../read-variables.js';
import type { Path } from './format-path.js';

const REFERENCE = /\$\{([^}]*)\}/g;
const NAME_AND_DEFAULT = /^([A-Za-z_][A-Za-z0-9_]*)(?::-([\s\S]*))?$/;

export interface SubstitutionProblem {
  path: Path;
  message: string;
}

/**
 * Puts the values of variables in the place of `${NAME}` and `${NAME:-default}` in every text value of the document
 * (keys are left alone; what was put in is not looked at again) and returns what could not be resolved.
 */
export function substituteVariables(document: Document, read: VariableReader): SubstitutionProblem[] {
  const problems: SubstitutionProblem[] = [];
  const seen = new Set<Scalar>();
  walk(document.contents, [], (scalar, path) => {
    if (typeof scalar.value !== 'string' || seen.has(scalar)) return;
    seen.add(scalar);
    scalar.value = scalar.value.replace(REFERENCE, (whole, inside: string) => {
      const [, name, fallback] = NAME_AND_DEFAULT.exec(inside) ?? [];
      if (name === undefined) {
        problems.push({ path, message: `${whole} is not \${NAME} or \${NAME:-default}` });
        return '';
      }
      const value = read(name) ?? fallback;
      if (value === undefined) problems.push({ path, message: missing(name) });
      return value ?? '';
    });
  });
  return problems;
}

function missing(name: string): string {
  return `the variable ${name} is not set; set it, or write \${${name}:-} for one that may be missing`;
}

function walk(node: unknown, path: Path, visit: (scalar: Scalar, path: Path) => void): void {
  if (isScalar(node)) {
    visit(node, path);
  } else if (isSeq(node)) {
    node.items.forEach((item, index) => {
      walk(item, [...path, index], visit);
    });
  } else if (isMap<Node, Node>(node)) {
    for (const pair of node.items) walk(pair.value, [...path, keyText(pair.key)], visit);
  }
}

function keyText(key: Node): string {
  return isScalar(key) ? String(key.value) : '?';
}
