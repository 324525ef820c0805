/** The pod that native policies see, in CEL: metadata and spec of a template are there, if empty. For other formats to say the same. */
export function podViewText(template: string): string {
  return (
    `has(${template}.metadata) && has(${template}.spec) ? ${template} : ` +
    `dyn({'metadata': ${template}.?metadata.orValue({}), 'spec': ${template}.?spec.orValue({})})`
  );
}
