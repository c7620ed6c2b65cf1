import { Injectable } from '@nestjs/common';
import { ChatService } from '../chat/chat.service.js';
import { GatewayConfig } from '../config/gateway-config.js';
import type { CallContext } from '../core/call-context.js';
import type { ChatEvent } from '../core/chat/chat-event.js';
import type { ChatRequest } from '../core/chat/chat-request.js';
import { Clock } from '../core/clock.js';
import { LoopBounds } from './loop/loop-bounds.js';
import { LoopEvents } from './loop/loop-events.js';
import { nameTools } from './name-tools.js';
import { ToolDirectory } from './tool-directory.service.js';
import { ToolRunner } from './tool-runner.service.js';

/** What a request says of the tools that are run here. */
export interface ToolWishes {
  /** Such as `http:weather`, `mcp:files/read`, `rag:handbook`. */
  readonly serverTools: readonly string[];
  readonly maxSteps?: number;
}

/** Lets models use tools that are run here, until they have answered or may go no further. */
@Injectable()
export class ToolLoop {
  constructor(
    private readonly gateway: GatewayConfig,
    private readonly clock: Clock,
    private readonly chat: ChatService,
    private readonly directory: ToolDirectory,
    private readonly runner: ToolRunner,
  ) {}

  /**
   * Resolves at the first content of the first answer. The events are those of one answer: tool calls, `tool-result` for each
   * that was run here, the sum of the usages. A call that is for the client ends it with `tool-calls`. Rejects with
   * `not_found` or `invalid_value` for a tool that there is not, else as `ChatService.answer`, and so do the events.
   */
  async answer(request: ChatRequest, wishes: ToolWishes, call: CallContext): Promise<AsyncIterable<ChatEvent>> {
    const own = request.tools ?? [];
    const tools = await this.directory.find(wishes.serverTools, own.length, call);
    call.hasSteps = true;
    const { loop } = this.gateway.tools;
    const named = nameTools(tools, new Set(own.map(({ name }) => name)));
    const events = new LoopEvents({
      request,
      tools: named,
      bounds: new LoopBounds(loop, wishes.maxSteps, this.clock),
      parallelCalls: loop.parallelCalls,
      call,
      ask: (step) => this.chat.answer(step, call),
      run: (written, signal) => this.runner.run(written, named.get(written.name) ?? null, call, signal),
      ended: (end, steps) => {
        this.runner.noteEnd(end, steps);
      },
    });
    call.defer(() => {
      // What cannot even be closed properly has nothing left to tell.
      events.return().catch(() => undefined);
    });
    return events.open();
  }
}
