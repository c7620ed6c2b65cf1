import type { NestExpressApplication } from '@nestjs/platform-express';

interface Layer {
  route?: { path: string | string[]; methods?: Record<string, boolean> };
}

/** The routes of the application's router as `METHOD /path`, parameters and wildcards as `{id}`, sorted, without Swagger's. */
export function listRoutes(app: NestExpressApplication): string[] {
  const { router } = app.getHttpAdapter().getInstance() as { router: { stack: Layer[] } };
  const routes = new Set<string>();
  for (const { route } of router.stack) {
    if (!route) continue;
    for (const path of [route.path].flat()) {
      if (path.startsWith('/docs') || path.startsWith('/openapi')) continue;
      const plain = path.replace(/:[A-Za-z_]+|\{\*[A-Za-z_]+\}|\*[A-Za-z_]+/g, '{id}');
      for (const method of Object.keys(route.methods ?? {})) routes.add(`${method.toUpperCase()} ${plain}`);
    }
  }
  return [...routes].sort();
}
