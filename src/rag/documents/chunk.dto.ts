/** A piece of a document. */
export class ChunkDto {
  /** Its id, which citations name. */
  id!: string;
  /** Place in the document, from 0. */
  ordinal!: number;
  /** Exactly `document_text.slice(start, end)`. */
  text!: string;
  /** UTF-16 offset into the document's text. */
  start!: number;
  /** UTF-16 offset of the first unit behind it. */
  end!: number;
  /** Page that it begins on, from 1; null for formats without pages. */
  page!: number | null;
  /** Titles of the headings above it, outermost first, joined by ` > `; null when there are none. */
  heading_path!: string | null;
}

/** A page of chunks, in the order of the document. */
export class ChunkListDto {
  /** Always `list`. */
  object!: 'list';
  /** The chunks. */
  data!: ChunkDto[];
  /** Whether there are further ones. */
  has_more!: boolean;
  /** Id of the first item; null when the page is empty. */
  first_id!: string | null;
  /** Id of the last item, for `after`. */
  last_id!: string | null;
}
