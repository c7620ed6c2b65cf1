/** A value that a field is compared with. */
export type FilterValue = string | number | boolean | null;

/** What of a document is looked at. Metadata is named by the keys that lead to the value. */
export type FilterField =
  | { readonly kind: 'metadata'; readonly path: readonly string[] }
  | { readonly kind: 'text'; readonly name: TextField }
  | { readonly kind: 'time'; readonly name: 'created_at' };

/** The fields besides metadata that hold text. */
export const TEXT_FIELDS = ['source', 'document_id', 'title', 'language'] as const;
export type TextField = (typeof TEXT_FIELDS)[number];

export type Comparison = '>' | '>=' | '<' | '<=';

/** Which documents a search may look at. Every leaf is true or false of every document, also where the field is missing. */
export type Filter =
  | { readonly type: 'and' | 'or'; readonly parts: readonly Filter[] }
  | { readonly type: 'not'; readonly part: Filter }
  /** The field has one of the values; a list in metadata has those of its items. */
  | { readonly type: 'equals'; readonly field: FilterField; readonly values: readonly FilterValue[] }
  | {
      readonly type: 'compare';
      readonly field: FilterField;
      readonly comparison: Comparison;
      readonly value: string | number;
    }
  /** The field is there and not null. */
  | { readonly type: 'exists'; readonly field: FilterField };
