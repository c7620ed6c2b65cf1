import { createHash } from 'node:crypto';

/** A tool as the client names it. */
export interface NamedTool {
  readonly kind: 'function' | 'custom';
  readonly name: string;
  readonly namespace?: string;
}

/** The client's tools by the names that models are told. */
export type ToolNames = ReadonlyMap<string, NamedTool>;

const MODEL_NAME = /^[A-Za-z0-9_-]{1,64}$/;
const LONGEST = 64;
const DIGEST = 8;

/** What a model is told a tool's name is: every vendor takes it, and it is the same each time. */
export function modelNameOf(name: string, namespace?: string): string {
  const full = namespace === undefined ? name : `${namespace}__${name}`;
  if (MODEL_NAME.test(full)) return full;
  const digest = createHash('sha256').update(full).digest('hex').slice(0, DIGEST);
  const readable = full.replaceAll(/[^A-Za-z0-9_-]/g, '_').slice(0, LONGEST - DIGEST - 1);
  return `${readable}_${digest}`;
}
