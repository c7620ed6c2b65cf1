import type { CustomDecorator } from '@nestjs/common';
import { Access } from '../http/route-access.js';

/** The route needs no key; a key that is sent all the same is not looked at. */
export function Public(): CustomDecorator {
  return Access({ kind: 'public' });
}
