/** References of container images as go-containerregistry reads them (pkg/name, weak validation). */
import { parseUrl, toText, UrlError } from '../url-parse.ts';

export interface ImageReference {
  /** As written. */
  readonly text: string;
  readonly registry: string;
  readonly repository: string;
  /** Without a digest `latest` when none is written; with one empty when none is written. */
  readonly tag: string;
  /** `sha256:…`, or empty. */
  readonly digest: string;
}

const DOCKER_HUB = 'index.docker.io';
const DOCKER_HUB_ALIAS = 'docker.io';

const TAG = /^[a-z0-9_.A-Z-]{1,128}$/;
const REPOSITORY = /^[a-z0-9_./-]{2,255}$/;
const DIGEST = /^sha256:[a-f0-9]{64}$/;

/** Undefined when the text is no reference. */
export function parseImageReference(text: string): ImageReference | undefined {
  const tagged = parseTagged(text);
  if (tagged !== undefined) return { text, ...tagged, tag: tagged.tag || 'latest', digest: '' };
  const parts = text.split('@');
  const [base, digest] = parts as [string, string];
  if (parts.length !== 2 || !DIGEST.test(digest)) return undefined;
  const named = parseTagged(base) ?? parseRepository(base);
  if (named === undefined) return undefined;
  return { text, registry: named.registry, repository: named.repository, tag: tagBefore(base), digest };
}

type Repository = Pick<ImageReference, 'registry' | 'repository'>;

/** What stands behind the last colon, unless a slash follows: then the colon belongs to the registry's port. */
function parseTagged(text: string): (Repository & { readonly tag: string }) | undefined {
  const colon = text.lastIndexOf(':');
  const tagged = colon >= 0 && !text.slice(colon).includes('/');
  const tag = tagged ? text.slice(colon + 1) : '';
  if (tagged && !TAG.test(tag)) return undefined;
  const repository = parseRepository(tagged ? text.slice(0, colon) : text);
  return repository && { ...repository, tag };
}

function parseRepository(text: string): Repository | undefined {
  const slash = text.indexOf('/');
  const first = text.slice(0, Math.max(slash, 0));
  const named = first === 'localhost' || /[.:]/.test(first);
  const written = named ? first : '';
  const repository = named ? text.slice(slash + 1) : text;
  if (!REPOSITORY.test(repository) || !isAuthority(written)) return undefined;
  const registry = written === '' || written === DOCKER_HUB_ALIAS ? DOCKER_HUB : written;
  const implicit = registry === DOCKER_HUB && !repository.includes('/');
  return { registry, repository: implicit ? `library/${repository}` : repository };
}

function isAuthority(name: string): boolean {
  if (name === '') return true;
  try {
    return toText(parseUrl(`//${name}`).host) === name;
  } catch (error) {
    if (error instanceof UrlError) return false;
    throw error;
  }
}

/** As upstream cuts it out of the text, whatever was parsed. */
function tagBefore(base: string): string {
  const colon = base.lastIndexOf(':');
  return colon < base.lastIndexOf('/') ? '' : base.slice(colon + 1 || base.length);
}
