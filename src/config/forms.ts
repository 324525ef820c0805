import type { Form } from './kinds.ts';

/** Folders and files, relative to the folder of rampart.yaml. */
export const PATH: Form = { pattern: /^[^\0]*\S[^\0]*$/, expected: 'a path' };

/** Names of namespaces, RFC 1123. */
export const NAMESPACE: Form = {
  pattern: /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/,
  expected: 'a name of lower case letters, digits and hyphens',
};

/** The same with `*` for any characters. */
export const NAMESPACES: Form = {
  pattern: /^(?=.{1,63}$)[a-z0-9*]([-a-z0-9*]*[a-z0-9*])?$/,
  expected: 'a name of lower case letters, digits and hyphens; * stands for any of them',
};

/** The words of a truth value are none, even in quotes. A dash in front would be a flag of git. */
export const COMMIT: Form = {
  pattern: /^(?!(?:true|false)$)[^-\s\0][^\s\0]*$/,
  expected: 'a branch, tag or commit',
};

export const VERSION: Form = {
  pattern: /^(latest|v?1\.(0|[1-9]\d{0,3})(\.\d+)?)$/,
  expected: 'a version such as v1.34, or latest',
};

export const ENVIRONMENT: Form = {
  pattern: /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/,
  expected: 'a name of letters, digits, hyphens, dots and underscores',
};

/**
 * Globs are matched by backtracking, and the file may come with the branch that is judged: so no groups, and few
 * wildcards. Nor do they leave the folder of rampart.yaml.
 */
export const GLOB: Form = {
  pattern:
    /^(?=[^\0]{1,200}$)(?![/!]|(?:[^\0]*\/)?\.\.(?:\/|$))(?:[^*?[()|\\]*(?:\*\*|[*?[])){0,4}[^*?[()|\\]*$/,
  expected: 'a glob of files below rampart.yaml, with at most 4 wildcards and no group',
};

export const POD_PATH: Form = {
  pattern: /^[A-Z][A-Za-z0-9]*\.[a-z0-9.-]+=\S+$/,
  expected: 'KIND.GROUP=PATH such as Rollout.argoproj.io=spec.template',
};
