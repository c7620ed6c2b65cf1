import type pg from 'pg';
import type { Row } from './data-set.js';
import type { FoundTable } from './find-tables.js';
import { quoted, quotedSchema } from './schema-names.js';

const MOST_ROWS = 1_000;
const MOST_BYTES = 4 * 1024 ** 2;
/** Sizes are looked at so many at a time. */
const LOOK_ROWS = 10_000;
const CURSOR = 'trunkline_rows';

interface Place {
  place: string;
  bytes: number;
}

/**
 * The rows of a table in pieces of a few megabytes; a larger row is a piece of its own. Sizes come first and rows by their
 * place, so that no more than that is ever in memory. Call it where values are written in one way (`inTransaction`).
 */
export async function* readRows(client: pg.Client, schema: string, table: FoundTable): AsyncIterable<Row[]> {
  const source = `only ${quotedSchema(schema, table.space)}.${quoted(table.name)}`;
  const sizes = table.columns.map((column) => `coalesce(octet_length(${quoted(column)}::text), 0)`).join(' + ');
  const values = table.columns.map((column) => `${quoted(column)}::text`).join(', ');
  await client.query(`declare ${CURSOR} cursor for select ctid::text as place, ${sizes} as bytes from ${source}`);
  for (;;) {
    const { rows: places } = await client.query<Place>(`fetch ${String(LOOK_ROWS)} from ${CURSOR}`);
    for (const piece of cut(places)) {
      const { rows } = await client.query<(string | null)[]>({
        text: `select ${values} from ${source} where ctid = any ($1::text[]::tid[])`,
        values: [piece],
        rowMode: 'array',
      });
      yield rows;
    }
    if (places.length < LOOK_ROWS) break;
  }
  await client.query(`close ${CURSOR}`);
}

function cut(places: readonly Place[]): string[][] {
  const pieces: string[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const place of places) {
    const last = pieces.at(-1);
    if (last && last.length < MOST_ROWS && bytes + place.bytes <= MOST_BYTES) {
      last.push(place.place);
      bytes += place.bytes;
    } else {
      pieces.push([place.place]);
      bytes = place.bytes;
    }
  }
  return pieces;
}
