import { tmpdir } from 'node:os';
import { Injectable } from '@nestjs/common';

/** Where files lie that are on their way: the system's own folder for such, by `TMPDIR`. */
@Injectable()
export class TemporaryFolder {
  readonly path: string = tmpdir();
}
