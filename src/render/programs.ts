/** Which programs render: found on the path once, by absolute name. */
import { accessSync, constants, realpathSync, statSync } from 'node:fs';
import { delimiter, isAbsolute, join, sep } from 'node:path';

export interface Programs {
  readonly helm: string | undefined;
  /** With the words that come before its arguments: `[kustomize, build]`, `[kubectl, kustomize]`. */
  readonly kustomize: readonly string[] | undefined;
}

/**
 * `path` as in the environment variable PATH. Nothing in the folders of `untrusted` is run: `npx` puts
 * node_modules/.bin on the path, and a branch may bring a program called helm.
 */
export function findPrograms(path: string, untrusted: readonly string[]): Programs {
  const find = (name: string): string | undefined =>
    path
      .split(delimiter)
      // Relative entries are folders of whatever is scanned.
      .filter(isAbsolute)
      .flatMap((folder) => ENDINGS.map((ending) => join(folder, name + ending)))
      .find((file) => isProgram(file, untrusted));
  const kustomize = find('kustomize');
  const kubectl = kustomize === undefined ? find('kubectl') : undefined;
  return {
    helm: find('helm'),
    kustomize:
      kustomize !== undefined
        ? [kustomize, 'build']
        : kubectl !== undefined
          ? [kubectl, 'kustomize']
          : undefined,
  };
}

const ENDINGS = process.platform === 'win32' ? ['.exe'] : [''];

function isProgram(file: string, untrusted: readonly string[]): boolean {
  try {
    accessSync(file, constants.X_OK);
    const real = realpathSync(file);
    return (
      statSync(real).isFile() &&
      ![file, real].some((place) => untrusted.some((folder) => place.startsWith(folder + sep)))
    );
  } catch {
    return false;
  }
}
