import { Injectable, type LoggerService } from '@nestjs/common';
import type { Logger } from 'pino';
import { describeError } from './describe-error.js';
import { ProcessLog } from './process-log.js';

/** What Nest tells of itself at a start, five hundred lines that say what the code says. */
const CHATTER = new Set([
  'InstanceLoader',
  'NestApplication',
  'NestFactory',
  'RouterExplorer',
  'RoutesResolver',
  'WebSocketsController',
]);

type Level = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace';

/** Nest's loggers on the log of the process: `context` is who speaks. */
@Injectable()
export class NestLogger implements LoggerService {
  readonly #logger: Logger;

  constructor(log: ProcessLog) {
    this.#logger = log.logger;
  }

  log(message: unknown, ...rest: unknown[]): void {
    if (!CHATTER.has(contextOf(rest) ?? '')) this.#write('info', message, rest);
  }

  fatal(message: unknown, ...rest: unknown[]): void {
    this.#write('fatal', message, rest);
  }

  error(message: unknown, ...rest: unknown[]): void {
    this.#write('error', message, rest);
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.#write('warn', message, rest);
  }

  debug(message: unknown, ...rest: unknown[]): void {
    this.#write('debug', message, rest);
  }

  verbose(message: unknown, ...rest: unknown[]): void {
    this.#write('trace', message, rest);
  }

  #write(level: Level, message: unknown, rest: readonly unknown[]): void {
    const thrown = [message, ...rest].find((part) => part instanceof Error);
    this.#logger[level](
      { context: contextOf(rest), ...(thrown && describeError(thrown)), ...stackOf(rest) },
      textOf(message),
    );
  }
}

// Nest's own convention: the context is the last of what comes behind the message.
function contextOf(rest: readonly unknown[]): string | undefined {
  const last = rest.at(-1);
  return typeof last === 'string' ? last : undefined;
}

// Nest hands the stack of an error over as a text in front of the context.
function stackOf(rest: readonly unknown[]): { stack?: string } {
  const [stack] = rest;
  return rest.length > 1 && typeof stack === 'string' && stack.includes('\n    at ') ? { stack } : {};
}

// What else may hang on an object is nobody's business.
function textOf(message: unknown): string {
  if (message instanceof Error) return message.message;
  return typeof message === 'string' ? message : typeof message;
}
