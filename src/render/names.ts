/** How results name a path. */
export type Shown = (path: string) => string;

/** A file in a folder, both as results name them. */
export function shownIn(folder: string, name: string): string {
  return folder === '.' ? name : `${folder}${folder.endsWith('/') ? '' : '/'}${name}`;
}
