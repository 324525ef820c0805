/** A line, or a field in braces, that says a kind or an apiVersion; what stands before it tells objects from references. */
const FIELD = /(^[ \t]*(?:-[ \t]+)?|[{,][ \t]*)["']?(kind|apiVersion)["']?[ \t]*:[ \t]*["']?([^\s"',}]*)/gm;

/**
 * The kinds that a template or manifest names as those of objects, unrendered: what it makes under some values. Undefined
 * where it may make anything, because a kind is computed or all of it comes from elsewhere.
 *
 * @param file Its name; partials make nothing by themselves.
 */
export function namedKinds(file: string, text: string): readonly string[] | undefined {
  const fields = [...text.matchAll(FIELD)].map(([, before = '', field, value = '']) => ({
    // A dash is as wide as the space of the lines below it.
    before: /^\s*[{,]/.test(before) ? 'braces' : before.replace('-', ' '),
    field,
    value,
  }));
  const levels = new Set(fields.filter(({ field }) => field === 'apiVersion').map(({ before }) => before));
  const kinds = fields.filter(({ field, before }) => field === 'kind' && levels.has(before));
  if (kinds.some(({ value }) => !/^\w+$/.test(value))) return undefined;
  const fromElsewhere = kinds.length === 0 && text.includes('{{') && !isPartial(file);
  return fromElsewhere ? undefined : [...new Set(kinds.map(({ value }) => value))];
}

function isPartial(file: string): boolean {
  return /(?:^|[/\\])_[^/\\]*$/.test(file);
}
