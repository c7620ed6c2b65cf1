import { newId, type IdPrefix } from '../../core/ids.js';
import type { JsonObject } from '../../core/json.js';

/** An item as it is written. */
export interface ItemRow {
  readonly id: string;
  readonly isOutput: boolean;
  /** The item as JSON, as it came. */
  readonly content: string;
}

const STORABLE_ID = /^[\x21-\x7e]{1,256}$/;

const PREFIXES: Readonly<Record<string, IdPrefix>> = {
  message: 'msg_',
  reasoning: 'rs_',
  function_call: 'fc_',
  function_call_output: 'fco_',
  custom_tool_call: 'ctc_',
  custom_tool_call_output: 'ctco_',
};

/** The rows of a response's items: each keeps its id unless it has none, or that of another one. */
export function toItemRows(input: readonly JsonObject[], output: readonly JsonObject[]): ItemRow[] {
  const taken = new Set<string>();
  const toRow = (item: JsonObject, isOutput: boolean): ItemRow => {
    const id = freeId(item, taken);
    taken.add(id);
    return { id, isOutput, content: JSON.stringify(item) };
  };
  return [...input.map((item) => toRow(item, false)), ...output.map((item) => toRow(item, true))];
}

/** Bytes of items as they are stored. */
export function bytesOf(rows: readonly ItemRow[]): number {
  return rows.reduce((sum, { content }) => sum + Buffer.byteLength(content), 0);
}

function freeId({ id, type }: JsonObject, taken: ReadonlySet<string>): string {
  if (typeof id === 'string' && STORABLE_ID.test(id) && !taken.has(id)) return id;
  const kind = typeof type === 'string' && Object.hasOwn(PREFIXES, type) ? PREFIXES[type] : undefined;
  return newId(kind ?? (type === undefined ? 'msg_' : 'item_'));
}
