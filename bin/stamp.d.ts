/** One line for each source file: name, size, time. */
export function sourceStamp(folder: string): string;
/** The stamp a bundle was made with; undefined when there is none. */
export function bundleStamp(file: URL): string | undefined;
