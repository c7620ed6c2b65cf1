import { Injectable, Logger } from '@nestjs/common';
import { SchemaChecker } from '../chat/structured/schema-checker.service.js';
import { GatewayConfig } from '../config/gateway-config.js';
import type { CallContext } from '../core/call-context.js';
import { Cancellation, type CancelSignal } from '../core/cancellation.js';
import { Clock } from '../core/clock.js';
import { AppError } from '../core/errors/app-error.js';
import type { JsonObject } from '../core/json.js';
import { Telemetry } from '../core/telemetry/telemetry.js';
import type { ToolLoopEnd, ToolOutcome } from '../core/telemetry/tool-telemetry.js';
import type { CallTrace, SpanAttributes } from '../core/telemetry/call-trace.js';
import { readArguments } from './check-arguments.js';
import { cutResult } from './cut-result.js';
import { type ServerTool, ToolFailure, type ToolOutput } from './server-tool.js';

/** A call as the model wrote it. */
interface WrittenCall {
  readonly id?: string;
  readonly name: string;
  readonly arguments: string;
}

interface Ended extends ToolOutput {
  readonly outcome: ToolOutcome;
}

type Use = [written: WrittenCall, tool: ServerTool | null, call: CallContext, signal: CancelSignal];

const TOO_LATE = new ToolFailure('The tool took too long.');
/** For the arguments to be checked, others' before them included. */
const CHECK_MS = 30_000;
const MS_PER_SECOND = 1_000;

/** Runs tools for models. Whatever goes wrong with a tool is a result too: the model is told, and goes on. */
@Injectable()
export class ToolRunner {
  readonly #logger = new Logger('Tools');

  constructor(
    private readonly gateway: GatewayConfig,
    private readonly clock: Clock,
    private readonly telemetry: Telemetry,
    private readonly checker: SchemaChecker,
  ) {}

  /**
   * Runs one call; `tool` is null when the model made the name up. Rejects only with the signal's reason, when nobody waits
   * for the result any more.
   */
  async run(
    written: WrittenCall,
    tool: ServerTool | null,
    call: CallContext,
    signal: CancelSignal,
  ): Promise<ToolOutput> {
    const startedAt = this.clock.monotonic();
    const ended = await (call.trace
      ? this.#traced(call.trace, [written, tool, call, signal])
      : this.#run(written, tool, call, signal));
    this.telemetry.toolFinished({
      kind: tool?.kind ?? 'unknown',
      outcome: ended.outcome,
      seconds: (this.clock.monotonic() - startedAt) / MS_PER_SECOND,
    });
    if (ended.outcome === 'aborted') throw toError(signal.reason);
    const { content, isError } = ended;
    return { content: cutResult(content, this.gateway.tools.loop.maxResultTokens), isError };
  }

  /** Why a request stopped using tools, after so many answers of the model. */
  noteEnd(end: ToolLoopEnd, steps: number): void {
    this.telemetry.toolLoopFinished({ end, steps });
  }

  #traced(trace: CallTrace, use: Use): Promise<Ended> {
    const [written, tool] = use;
    return trace.part(`execute_tool ${nameOf(tool)}`, toolAttributes(written, tool), async (span) => {
      const ended = await this.#run(...use);
      span.note({ 'trunkline.tool.outcome': ended.outcome });
      if (ended.outcome !== 'succeeded' && ended.outcome !== 'aborted') span.failed(ended.outcome);
      return ended;
    });
  }

  async #run(written: WrittenCall, tool: ServerTool | null, call: CallContext, signal: CancelSignal): Promise<Ended> {
    if (!tool) return failed('refused', `There is no tool ${JSON.stringify(written.name.slice(0, 64))}.`);
    const leftMs = (): number => call.deadline - this.clock.monotonic();
    let isFit = false;
    try {
      // The tool's own time begins when it is asked.
      const { projectId } = call.principal;
      const read = (): Promise<JsonObject> =>
        readArguments(written.arguments, tool.parameters, this.checker, projectId);
      const input = await this.#within(Math.min(CHECK_MS, leftMs()), signal, read);
      isFit = true;
      const run = (stop: CancelSignal): Promise<ToolOutput> => tool.run(input, { call, signal: stop });
      const output = await this.#within(Math.min(tool.timeoutMs, leftMs()), signal, run);
      return { ...output, outcome: output.isError ? 'failed' : 'succeeded' };
    } catch (error) {
      if (signal.aborted) return failed('aborted', '');
      if (error === TOO_LATE) return failed('timeout', TOO_LATE.message);
      this.#note(tool, error);
      return failed(isFit ? 'broken' : 'refused', toldOf(error));
    }
  }

  // Rejects with TOO_LATE after that time, and with the signal's reason.
  async #within<T>(ms: number, outer: CancelSignal, start: (signal: CancelSignal) => Promise<T>): Promise<T> {
    const timer = new Timer(this.clock, outer, ms);
    try {
      return await timer.race(() => start(timer.signal));
    } catch (error) {
      throw timer.isTooLate ? TOO_LATE : error;
    } finally {
      timer.stop();
    }
  }

  // What went wrong in our own code, or on the way, is for the operator and not for a model.
  #note({ name }: ServerTool, error: unknown): void {
    if (error instanceof ToolFailure || error instanceof AppError) return;
    this.#logger.warn(`${name} failed: ${error instanceof Error ? error.message : String(error)}`);
  }
}

// A name that there is not is the model's own text.
function nameOf(tool: ServerTool | null): string {
  return tool?.name ?? 'unknown';
}

function toolAttributes({ id }: WrittenCall, tool: ServerTool | null): SpanAttributes {
  return {
    'gen_ai.operation.name': 'execute_tool',
    'gen_ai.tool.name': nameOf(tool),
    'gen_ai.tool.type': tool?.kind === 'rag' ? 'datastore' : 'extension',
    'gen_ai.tool.call.id': id,
    'trunkline.tool.kind': tool?.kind ?? 'unknown',
  };
}

function failed(outcome: ToolOutcome, content: string): Ended {
  return { content, isError: true, outcome };
}

function toldOf(error: unknown): string {
  return error instanceof ToolFailure || error instanceof AppError ? error.message : 'The tool could not be run.';
}

function toError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}

/** Ends a piece of work when it takes too long or nobody waits for it any more, whether it heeds its signal or not. */
class Timer {
  readonly signal = new Cancellation();
  isTooLate = false;
  readonly #outer: CancelSignal;
  readonly #cancel: () => void;

  constructor(clock: Clock, outer: CancelSignal, ms: number) {
    this.#outer = outer;
    this.#cancel = clock.schedule(
      () => {
        this.isTooLate = true;
        this.signal.abort(TOO_LATE);
      },
      Math.max(0, ms),
    );
    if (outer.aborted) this.#onAbort();
    else outer.addEventListener('abort', this.#onAbort, { once: true });
  }

  race<T>(start: () => Promise<T>): Promise<T> {
    const ended = new Promise<never>((_resolve, reject) => {
      const end = (): void => {
        reject(toError(this.signal.reason));
      };
      if (this.signal.aborted) end();
      else this.signal.addEventListener('abort', end);
    });
    // Whichever comes second is nobody's concern any more.
    ended.catch(() => undefined);
    if (this.signal.aborted) return ended;
    const work = start();
    work.catch(() => undefined);
    return Promise.race([work, ended]);
  }

  stop(): void {
    this.#cancel();
    this.#outer.removeEventListener('abort', this.#onAbort);
  }

  readonly #onAbort = (): void => {
    this.signal.abort(this.#outer.reason);
  };
}
