import type { FormatHint } from './child/messages.js';
import { DocumentParseError } from './document-parse-error.js';
import type { ParserSettings } from './parser-settings.js';

/** Why a process that reads documents ended before its answer. */
export interface ChildExit {
  code: number | null;
  signal: NodeJS.Signals | null;
  /** What it was ended for, when it was ended from here. */
  endedFor: 'time' | 'memory' | null;
}

// The watchdog's own, and how V8 ends a process whose heap is full.
const OUT_OF_MEMORY: ReadonlySet<string> = new Set(['SIGUSR2', 'SIGABRT', 'SIGTRAP']);
const ABORTED = 134;
const CRASHES: ReadonlySet<string> = new Set(['SIGSEGV', 'SIGBUS', 'SIGILL', 'SIGFPE']);

/** The error for a document whose process ended; only where the document is the reason a DocumentParseError. */
export function explainExit(exit: ChildExit, format: FormatHint, settings: ParserSettings): Error {
  const { code, signal, endedFor } = exit;
  if (endedFor === 'time') {
    return beyondLimits(
      format,
      `It took longer than ${String(settings.timeoutMs / 1_000)} seconds to read the document.`,
    );
  }
  if (endedFor === 'memory' || code === ABORTED || OUT_OF_MEMORY.has(signal ?? '')) {
    return beyondLimits(format, 'It took too much memory to read the document.');
  }
  if (code !== null || CRASHES.has(signal ?? '')) {
    return new DocumentParseError('document_parse_failed', 'The document is damaged: reading it failed.');
  }
  return new Error(`The process that read the document was ended by ${String(signal)}.`);
}

// Files that unpack to more than they say are broken or made so; a text is what it is, only too much of it.
function beyondLimits(format: FormatHint, problem: string): DocumentParseError {
  const code = format === 'pdf' || format === 'docx' ? 'document_parse_failed' : 'document_too_complex';
  return new DocumentParseError(code, `${problem} Split it or simplify it.`);
}
