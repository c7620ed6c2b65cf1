/** A reference to a schema of the OpenAPI document that is no DTO class. */
export function schemaReference(name: string): { $ref: string } {
  return { $ref: `#/components/schemas/${name}` };
}
