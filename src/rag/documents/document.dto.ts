import { IsOptional, IsString } from 'class-validator';
import type { JsonObject } from '../../core/json.js';
import { ListQueryDto } from '../../http/list-query.dto.js';

/** Which documents are wanted. */
export class DocumentQueryDto extends ListQueryDto {
  /** Name or id of a collection; all of the project when left out. */
  @IsOptional()
  @IsString()
  collection?: string;
}

/** A document without its text. */
export class DocumentDto {
  /** @example doc_01H8XZ5Y7Q2M4N6P8R0S1T3V */
  id!: string;
  /** Id of its collection. */
  collection_id!: string;
  /** Where it comes from, as the client said. */
  source!: string;
  /** Its title; null when it has none. */
  title!: string | null;
  /** The language that was given for it; null when none was. */
  language!: string | null;
  /** Free fields of the client. */
  metadata!: JsonObject;
  /** `ready` can be searched; `pending` is being indexed for the first time; `failed` was never indexed. */
  status!: 'pending' | 'ready' | 'failed';
  /** The version that searches see; 0 while none is ready. */
  version!: number;
  /** The newest version, which may still be in work. */
  latest_version!: number;
  /** The job that indexes or indexed the newest version. */
  job_id!: string | null;
  /** RFC 3339. */
  created_at!: string;
  /** When the visible version became visible, RFC 3339; null while none is. */
  indexed_at!: string | null;
}

/** A page of documents, newest first. */
export class DocumentListDto {
  /** Always `list`. */
  object!: 'list';
  /** The documents. */
  data!: DocumentDto[];
  /** Whether there are older ones. */
  has_more!: boolean;
  /** Id of the first item; null when the page is empty. */
  first_id!: string | null;
  /** Id of the last item, for `after`. */
  last_id!: string | null;
}
