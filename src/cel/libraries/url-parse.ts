/**
 * URLs as Go's net/url reads and writes them. Inside, texts are byte strings: one character for each byte of UTF-8.
 */
import { AddressError, parseAddress } from './netip.ts';
import { quoteBytes } from './text.ts';

export interface ParsedUrl {
  readonly scheme: string;
  readonly opaque: string;
  readonly user: { readonly name: string; readonly password: string | undefined } | undefined;
  readonly host: string;
  readonly path: string;
  /** The path as written, where it differs from the default encoding of `path`. */
  readonly rawPath: string;
  readonly rawQuery: string;
  /** A lone `?` at the end. */
  readonly forceQuery: boolean;
  readonly fragment: string;
  readonly rawFragment: string;
  /** `scheme:/path`, without `//`. */
  readonly omitHost: boolean;
}

/** Refused; `message` is what Go says. */
export class UrlError extends Error {}

const isAscii = (text: string): boolean => !/[^\x00-\x7f]/.test(text);
const toBytes = (text: string): string =>
  isAscii(text) ? text : Buffer.from(text, 'utf8').toString('latin1');
/** Byte string → text. */
export const toText = (bytes: string): string =>
  isAscii(bytes) ? bytes : Buffer.from(bytes, 'latin1').toString('utf8');

const fail = (message: string): never => {
  throw new UrlError(message);
};

/** Runs a parser; its error is quoted as url.Error quotes it. */
function quotingErrors<T>(bytes: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof UrlError) return fail(`parse ${quoteBytes(bytes)}: ${error.message}`);
    throw error;
  }
}

/** url.ParseRequestURI: an absolute URI or an absolute path, no fragment. @throws UrlError */
export function parseRequestUri(text: string): ParsedUrl {
  const bytes = toBytes(text);
  return quotingErrors(bytes, () => parse(bytes, true));
}

/** url.Parse. @throws UrlError */
export function parseUrl(text: string): ParsedUrl {
  const bytes = toBytes(text);
  const [before, fragment] = cut(bytes, '#');
  const url = quotingErrors(before, () => parse(before, false));
  if (fragment === '') return url;
  return quotingErrors(bytes, () => {
    const decoded = percentDecode(fragment, 'fragment');
    const rawFragment = percentEncode(decoded, 'fragment') === fragment ? '' : fragment;
    return { ...url, fragment: decoded, rawFragment };
  });
}

function cut(text: string, separator: string): [before: string, after: string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + separator.length)];
}

const EMPTY: ParsedUrl = {
  scheme: '',
  opaque: '',
  user: undefined,
  host: '',
  path: '',
  rawPath: '',
  rawQuery: '',
  forceQuery: false,
  fragment: '',
  rawFragment: '',
  omitHost: false,
};

/** @param request whether only what an HTTP request may hold is allowed */
function parse(raw: string, request: boolean): ParsedUrl {
  if (/[\x00-\x1f\x7f]/.test(raw)) fail('net/url: invalid control character in URL');
  if (raw === '' && request) fail('empty url');
  if (raw === '*') return { ...EMPTY, path: '*' };
  const [scheme, afterScheme] = splitScheme(raw);
  const forceQuery = afterScheme.endsWith('?') && afterScheme.indexOf('?') === afterScheme.length - 1;
  const [beforeQuery, rawQuery] = cut(afterScheme, '?');
  const url = { ...EMPTY, scheme, rawQuery, forceQuery };
  if (!beforeQuery.startsWith('/')) {
    if (scheme !== '') return { ...url, opaque: beforeQuery };
    if (request) fail('invalid URI for request');
    if (cut(beforeQuery, '/')[0].includes(':')) fail('first path segment in URL cannot contain colon');
  }
  const hasAuthority =
    beforeQuery.startsWith('//') && (scheme !== '' || (!request && !beforeQuery.startsWith('///')));
  if (!hasAuthority) {
    const omitHost = scheme !== '' && beforeQuery.startsWith('/');
    return { ...url, omitHost, ...readPath(beforeQuery) };
  }
  const slash = beforeQuery.indexOf('/', 2);
  const authority = slash < 0 ? beforeQuery.slice(2) : beforeQuery.slice(2, slash);
  const path = slash < 0 ? '' : beforeQuery.slice(slash);
  return { ...url, ...readAuthority(scheme, authority), ...readPath(path) };
}

function splitScheme(raw: string): [scheme: string, rest: string] {
  if (raw.startsWith(':')) fail('missing protocol scheme');
  const match = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(raw);
  return match === null ? ['', raw] : [match[1]!.toLowerCase(), raw.slice(match[0].length)];
}

function readPath(text: string): Pick<ParsedUrl, 'path' | 'rawPath'> {
  const path = percentDecode(text, 'path');
  return { path, rawPath: percentEncode(path, 'path') === text ? '' : text };
}

function readAuthority(scheme: string, authority: string): Pick<ParsedUrl, 'user' | 'host'> {
  const at = authority.lastIndexOf('@');
  const host = readHost(scheme, authority.slice(at + 1));
  if (at < 0) return { user: undefined, host };
  const info = authority.slice(0, at);
  if (!/^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(info)) fail('net/url: invalid userinfo');
  const [name, password] = cut(info, ':');
  return {
    user: {
      name: percentDecode(name, 'user'),
      password: info.includes(':') ? percentDecode(password, 'user') : undefined,
    },
    host,
  };
}

function readHost(scheme: string, host: string): string {
  const open = host.lastIndexOf('[');
  if (open > 0) fail('invalid IP-literal');
  if (open === 0) return readIpLiteral(host);
  const first = host.indexOf(':');
  if (first >= 0) {
    // More than one colon is tolerated outside of http and https, for lists of hosts.
    const strict = scheme === 'http' || scheme === 'https';
    checkPort(host.slice(strict ? first : host.lastIndexOf(':')));
  }
  return percentDecode(host, 'host');
}

function checkPort(port: string): void {
  if (!isOptionalPort(port)) fail(`invalid port ${quoteBytes(port)} after host`);
}

function isOptionalPort(port: string): boolean {
  return /^(?::[0-9]*)?$/.test(port);
}

function readIpLiteral(host: string): string {
  const close = host.lastIndexOf(']');
  if (close < 0) fail("missing ']' in host");
  const port = host.slice(close + 1);
  checkPort(port);
  const inner = host.slice(1, close);
  const zone = inner.indexOf('%25');
  const address =
    zone < 0
      ? percentDecode(inner, 'host')
      : percentDecode(inner.slice(0, zone), 'host') + percentDecode(inner.slice(zone), 'zone');
  try {
    if (parseAddress(toText(address)).version === 4) fail('invalid IP-literal');
  } catch (error) {
    if (error instanceof AddressError) fail(`invalid host: ${error.message}`);
    throw error;
  }
  return `[${address}]${percentDecode(port, 'host')}`;
}

// ---- escaping

type Mode = 'path' | 'user' | 'host' | 'zone' | 'query' | 'fragment';

/** Bytes that stand for themselves, besides letters and digits. */
const PLAIN: Readonly<Record<Mode, string>> = {
  path: '-_.~$&+,/:;=@',
  user: '-_.~$&+,;=',
  host: '-_.~!$&\'()*+,;=:[]<>"',
  zone: '-_.~!$&\'()*+,;=:[]<>"',
  query: '-_.~',
  fragment: '-_.~$&+,/:;=?@!()*',
};

function mustEscape(byte: string, mode: Mode): boolean {
  return !/[A-Za-z0-9]/.test(byte) && !PLAIN[mode].includes(byte);
}

const SPECIAL = Object.fromEntries(
  Object.entries(PLAIN).map(([mode, plain]) => [
    mode,
    new RegExp(`[^A-Za-z0-9${plain.replace(/[\]\\^-]/g, '\\$&')}]`, 'g'),
  ]),
) as Readonly<Record<Mode, RegExp>>;

function percentEncode(bytes: string, mode: Mode): string {
  return bytes.replace(
    SPECIAL[mode],
    (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
}

function percentDecode(bytes: string, mode: Mode): string {
  checkEscapes(bytes, mode);
  const plain = mode === 'query' ? bytes.replaceAll('+', ' ') : bytes;
  return plain.replace(/%([0-9A-Fa-f]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
}

function checkEscapes(bytes: string, mode: Mode): void {
  const inHost = mode === 'host' || mode === 'zone';
  if (inHost ? /^[A-Za-z0-9.:-]*$/.test(bytes) : !bytes.includes('%')) return;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]!;
    if (byte === '%') {
      const escaped = bytes.slice(i, i + 3);
      if (!/^%[0-9A-Fa-f]{2}$/.test(escaped)) fail(`invalid URL escape ${quoteBytes(escaped)}`);
      const value = Number.parseInt(escaped.slice(1), 16);
      const refused =
        escaped !== '%25' &&
        // A host may escape bytes outside ASCII only, a zone what a host may hold (and spaces).
        ((mode === 'host' && value < 0x80) ||
          (mode === 'zone' && value !== 0x20 && mustEscape(String.fromCharCode(value), 'host')));
      if (refused) fail(`invalid URL escape ${quoteBytes(escaped)}`);
      i += 2;
    } else if (inHost && byte < '\x80' && mustEscape(byte, mode)) {
      fail(`invalid character ${quoteBytes(byte)} in host name`);
    }
  }
}

// ---- reading a parsed URL

/** The path as it was written if that is a valid encoding, otherwise encoded anew. */
export function escapedPath(url: ParsedUrl): string {
  if (url.rawPath !== '' && isEncoded(url.rawPath, 'path')) return url.rawPath;
  return url.path === '*' ? '*' : percentEncode(url.path, 'path');
}

/** `rawPath` decodes to `path` by construction; what is left to check is that nothing in it needs escaping. */
function isEncoded(bytes: string, mode: Mode): boolean {
  for (const byte of bytes) if (!"!$&'()*+,;=:@[]%".includes(byte) && mustEscape(byte, mode)) return false;
  return true;
}

export function splitHostPort(host: string): { hostname: string; port: string } {
  const colon = host.lastIndexOf(':');
  const hasPort = colon >= 0 && isOptionalPort(host.slice(colon));
  const name = hasPort ? host.slice(0, colon) : host;
  const bracketed = name.startsWith('[') && name.endsWith(']');
  return {
    hostname: bracketed ? name.slice(1, -1) : name,
    port: hasPort ? host.slice(colon + 1) : '',
  };
}

/** Go ignores a query of more parameters altogether. */
const MAX_PARAMETERS = 10_000;

/** The parameters in order; what cannot be decoded, or holds a semicolon, is left out as Go does. */
export function queryParameters(rawQuery: string): ReadonlyMap<string, readonly string[]> {
  const parameters = new Map<string, string[]>();
  const pairs = rawQuery.split('&');
  if (pairs.length > MAX_PARAMETERS) return parameters;
  for (const pair of pairs) {
    if (pair === '' || pair.includes(';')) continue;
    try {
      const [key, value] = cut(pair, '=').map((part) => toText(percentDecode(part, 'query'))) as [
        string,
        string,
      ];
      const values = parameters.get(key);
      if (values === undefined) parameters.set(key, [value]);
      else values.push(value);
    } catch (error) {
      if (!(error instanceof UrlError)) throw error;
    }
  }
  return parameters;
}

/** url.URL.String, as bytes: two URLs are equal when these are. */
export function formatUrl(url: ParsedUrl): string {
  const scheme = url.scheme === '' ? '' : `${url.scheme}:`;
  const query = url.forceQuery || url.rawQuery !== '' ? `?${url.rawQuery}` : '';
  return (
    scheme + (url.opaque === '' ? formatHierarchy(url, scheme) : url.opaque) + query + formatFragment(url)
  );
}

function formatFragment({ fragment, rawFragment }: ParsedUrl): string {
  if (fragment === '') return '';
  return `#${rawFragment !== '' && isEncoded(rawFragment, 'fragment') ? rawFragment : percentEncode(fragment, 'fragment')}`;
}

function formatHierarchy(url: ParsedUrl, scheme: string): string {
  const { user, host } = url;
  let out = '';
  if (
    (scheme !== '' || host !== '' || user !== undefined) &&
    !(url.omitHost && host === '' && user === undefined)
  ) {
    if (host !== '' || url.path !== '' || user !== undefined) out += '//';
    if (user !== undefined) out += `${formatUser(user)}@`;
    out += percentEncode(host, 'host');
  }
  const path = escapedPath(url);
  if (path !== '' && path[0] !== '/' && host !== '') out += '/';
  // A first segment with a colon would be read as a scheme.
  if (scheme === '' && out === '' && cut(path, '/')[0].includes(':')) out += './';
  return out + path;
}

function formatUser({ name, password }: NonNullable<ParsedUrl['user']>): string {
  return percentEncode(name, 'user') + (password === undefined ? '' : `:${percentEncode(password, 'user')}`);
}
