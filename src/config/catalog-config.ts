/** Where another model catalogue is looked for; type and injection token in one. */
export abstract class CatalogConfig {
  /** Need not be there. */
  abstract readonly file: string;
  /** Whether somebody named it: then it is said when it is missing. */
  abstract readonly isNamed: boolean;
  /** Where the last good one is kept. */
  abstract readonly copy: string;
}
