import { SetMetadata, type CustomDecorator } from '@nestjs/common';

const TAKES_FORM = 'trunkline:takes-form';

/** The route reads a `multipart/form-data` body by itself. */
export function TakesForm(): CustomDecorator {
  return SetMetadata(TAKES_FORM, true);
}

/** Whether a route's handler reads forms. */
export function takesForm(handler: object): boolean {
  return Reflect.getMetadata(TAKES_FORM, handler) === true;
}
