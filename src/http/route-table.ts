import { Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { IncomingMessage } from 'node:http';
import { pathOf } from './path-of.js';

/** The parts of Express' router that are read here; they are internal to it, hence this one place. */
interface Layer {
  route?: { path: string | string[]; methods: Record<string, boolean> };
  match(path: string): boolean;
}

const UNMATCHED = 'unmatched';

/** What the router knows: for 405 answers, and so that logs and metrics carry patterns instead of paths. */
@Injectable()
export class RouteTable {
  constructor(private readonly host: HttpAdapterHost) {}

  /** The methods that the router serves at a path, in capitals and sorted; empty when the path is unknown. */
  methodsAt(path: string): string[] {
    const methods = new Set<string>();
    for (const layer of this.#matching(path)) {
      for (const method of Object.keys(layer.route?.methods ?? {})) methods.add(method.toUpperCase());
    }
    if (methods.has('GET')) methods.add('HEAD');
    return [...methods].sort();
  }

  /** The pattern that serves the request; `unmatched` when no route does. */
  patternOf(request: IncomingMessage & { route?: { path?: unknown } }): string {
    // Those that were turned away before the router are looked up here, and only as far as needed.
    const path = request.route?.path ?? this.#firstMatching(pathOf(request))?.route?.path;
    return typeof path === 'string' ? path : UNMATCHED;
  }

  #firstMatching(path: string): Layer | undefined {
    return this.#layers().find((layer) => matches(layer, path));
  }

  #matching(path: string): Layer[] {
    return this.#layers().filter((layer) => matches(layer, path));
  }

  #layers(): Layer[] {
    const { router } = this.host.httpAdapter.getInstance<{ router?: { stack?: Layer[] } }>();
    return router?.stack ?? [];
  }
}

// A path with broken percent encoding matches nothing.
function matches(layer: Layer, path: string): boolean {
  try {
    return layer.route !== undefined && layer.match(path);
  } catch {
    return false;
  }
}
