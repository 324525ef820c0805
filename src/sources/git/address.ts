/** `git::REPOSITORY//PATH?ref=REF`: a file or folder of a commit, as Terraform and go-getter write it. */
export interface GitAddress {
  /** Without user and password; `.`: the repository of the working directory. */
  readonly repository: string;
  /** To fetch from: as it was given. */
  readonly url: string;
  /** From the repository's root, with `/`; empty: all of it. */
  readonly path: string;
  /** A branch, tag or commit; undefined: HEAD. */
  readonly ref: string | undefined;
}

const PREFIX = 'git::';
/** What nobody on the way can change, or what needs no way. */
const SAFE = /^(?:https|ssh|file):\/\/./;

export function isGitAddress(text: string): boolean {
  return text.startsWith(PREFIX);
}

/** @returns what is wrong instead, to be read after the address. */
export function parseGitAddress(text: string): GitAddress | { readonly fault: string } {
  const [, place = '', query] = /^git::([^?]*)(?:\?(.*))?$/s.exec(text) ?? [];
  const ref = query === undefined ? undefined : /^ref=([^&]+)$/.exec(query)?.[1];
  if (query !== undefined && ref === undefined)
    return { fault: 'after ? stands ref=REF, a branch, tag or commit' };
  // The two slashes of https:// are not those before the path.
  const [, url = '', path = ''] = /^((?:\w+:\/\/)?.*?)(?:\/\/(.*))?$/s.exec(place) ?? [];
  if (url !== '.' && !SAFE.test(url))
    return { fault: 'the repository is . (this one) or begins with https://, ssh:// or file://' };
  if (path.split('/').includes('..')) return { fault: 'the path begins at the root, without ..' };
  return {
    repository: url.replace(/^(\w+:\/\/)[^/@]*@/, '$1'),
    url,
    path: path.replace(/^(\.?\/)+|\/+$/g, '').replace(/^\.$/, ''),
    ref,
  };
}
