import type { JsonObject } from '../../core/json.js';

/** The states of a response; the last four are final. */
export type ResponseStatus = 'queued' | 'in_progress' | 'completed' | 'incomplete' | 'failed' | 'cancelled';

const UNFINISHED: ReadonlySet<ResponseStatus> = new Set<ResponseStatus>(['queued', 'in_progress']);

/** Tells whether nothing more will come of a response. */
export function isOver(status: ResponseStatus): boolean {
  return !UNFINISHED.has(status);
}

/** What a response is apart from its items. */
export interface StoredResponse {
  readonly id: string;
  readonly status: ResponseStatus;
  readonly isBackground: boolean;
  /** Whether its events are kept for a while. */
  readonly isStreamed: boolean;
  readonly jobId: string | null;
  /** The object as clients see it, without its output. */
  readonly body: JsonObject;
  readonly finishedAt: Date | null;
}

/** An item that a response was made of, or that it consists of. */
export interface StoredItem {
  readonly id: string;
  readonly isOutput: boolean;
  readonly item: JsonObject;
}

/** A response as it is first stored: at its end, or when it is queued. */
export interface NewResponse {
  readonly id: string;
  readonly projectId: string;
  readonly previousId: string | null;
  readonly conversationId: string | null;
  readonly status: ResponseStatus;
  readonly body: JsonObject;
  readonly input: readonly JsonObject[];
  readonly output: readonly JsonObject[];
  /** There for a response in the background: what is to be asked later. */
  readonly background?: { readonly request: JsonObject; readonly isStreamed: boolean };
}

/** How a response ended that was stored before. */
export interface EndedResponse {
  readonly status: ResponseStatus;
  readonly body: JsonObject;
  readonly output: readonly JsonObject[];
}
