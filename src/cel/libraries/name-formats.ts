/**
 * The named formats of `format.*()`: what each accepts, and how it says no
 * (k8s.io/apiserver pkg/cel/library/format.go, k8s.io/apimachinery pkg/util/validation and pkg/api/validate/content,
 * k8s.io/kube-openapi pkg/validation/strfmt).
 */
import { compileRegex, type Regex } from '../regex/index.ts';
import { parseRequestUri, UrlError } from './url-parse.ts';

export interface NamedFormat {
  /** As Kubernetes names it; two formats are equal when their names are. */
  readonly name: string;
  /** Length of the regular expression that costs are counted by. */
  readonly patternSize: number;
  /** What is wrong with the text; empty when it is valid. */
  readonly validate: (text: string) => readonly string[];
}

const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const SUBDOMAIN = `${LABEL}(\\.${LABEL})*`;
const LABEL_1035 = '[a-z]([-a-z0-9]*[a-z0-9])?';
const KEY = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
const LABEL_VALUE = `(${KEY})?`;
const UUID = '(?i)^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$';
const TIME = '^([0-9]{2}):([0-9]{2}):([0-9]{2})(.[0-9]+)?(z|([+-][0-9]{2}:[0-9]{2}))$';
const BASE64 =
  '^(?:[A-Za-z0-9+\\\\/]{4})*(?:[A-Za-z0-9+\\\\/]{2}==|[A-Za-z0-9+\\\\/]{3}=|[A-Za-z0-9+\\\\/]{4})$';

/** Whether a text is longer than this many bytes, as Go counts: up to three for each UTF-16 unit. */
function exceeds(text: string, most: number): boolean {
  return text.length * 3 > most && Buffer.byteLength(text) > most;
}

/** Patterns are compiled when they are first needed. */
function matcher(pattern: string): (text: string) => boolean {
  let regex: Regex | undefined;
  return (text) => {
    regex ??= compileRegex(pattern) as Regex;
    return regex.test(text);
  };
}

const isLabel = matcher(`^${LABEL}$`);
const isSubdomain = matcher(`^${SUBDOMAIN}$`);
const isLabel1035 = matcher(`^${LABEL_1035}$`);
const isKey = matcher(`^${KEY}$`);
const isLabelValue = matcher(`^${LABEL_VALUE}$`);
const isTime = matcher(TIME);

/** The comma before `or` is upstream's. */
function patternError(message: string, pattern: string, ...examples: string[]): string {
  const quoted = examples.map((example) => `'${example}', `).join(' or ');
  return `${message} (e.g. ${quoted}regex used for validation is '${pattern}')`;
}

const tooLong = (most: number, unit: 'characters' | 'bytes'): string =>
  `must be no more than ${most} ${unit}`;

const LABEL_RULE =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', " +
  'and must start and end with an alphanumeric character';
const SUBDOMAIN_RULE =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', " +
  'and must start and end with an alphanumeric character';
const LABEL_1035_RULE =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', " +
  'start with an alphabetic character, and end with an alphanumeric character';
const KEY_RULE =
  "must consist of alphanumeric characters, '-', '_' or '.', " +
  'and must start and end with an alphanumeric character';

/** A namespace, a container, a port. */
export function dns1123LabelErrors(text: string): readonly string[] {
  const errors = exceeds(text, 63) ? [tooLong(63, 'characters')] : [];
  if (isLabel(text)) return errors;
  if (isSubdomain(text)) return [...errors, 'must not contain dots'];
  return [...errors, patternError(LABEL_RULE, LABEL, 'my-name', '123-abc')];
}

/** Most objects' names. */
export function dns1123SubdomainErrors(
  text: string,
  unit: 'characters' | 'bytes' = 'characters',
): readonly string[] {
  const errors = exceeds(text, 253) ? [tooLong(253, unit)] : [];
  if (isSubdomain(text)) return errors;
  return [...errors, patternError(SUBDOMAIN_RULE, SUBDOMAIN, 'example.com')];
}

function dns1035LabelErrors(text: string): readonly string[] {
  const errors = exceeds(text, 63) ? [tooLong(63, 'characters')] : [];
  if (isLabel1035(text)) return errors;
  return [...errors, patternError(LABEL_1035_RULE, LABEL_1035, 'my-name', 'abc-123')];
}

function qualifiedNameErrors(text: string): readonly string[] {
  const parts = text.split('/');
  const keyError = patternError(KEY_RULE, KEY, 'MyName', 'my.name', '123-abc');
  if (parts.length > 2) {
    return [
      `a valid label key ${keyError} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ];
  }
  const name = parts[parts.length - 1]!;
  const errors = parts.length === 2 ? prefixErrors(parts[0]!).map((error) => `prefix part ${error}`) : [];
  if (name === '') errors.push('name part must be non-empty');
  else if (exceeds(name, 63)) errors.push(`name part ${tooLong(63, 'bytes')}`);
  if (!isKey(name)) errors.push(`name part ${keyError}`);
  return errors;
}

function prefixErrors(prefix: string): readonly string[] {
  return prefix === '' ? ['must be non-empty'] : dns1123SubdomainErrors(prefix, 'bytes');
}

function labelValueErrors(text: string): readonly string[] {
  const errors = exceeds(text, 63) ? [tooLong(63, 'bytes')] : [];
  if (isLabelValue(text)) return errors;
  const rule = `a valid label must be an empty string or ${KEY_RULE.slice('must '.length)}`;
  return [...errors, patternError(rule, LABEL_VALUE, 'MyValue', 'my_value', '12345')];
}

/** A name to which something will be appended may end with a dash: upstream looks at `…a` in place of its end. */
function asPrefix(validate: (text: string) => readonly string[]): (text: string) => readonly string[] {
  return (text) => {
    const bytes = Buffer.from(text);
    if (bytes.length < 2 || !text.endsWith('-')) return validate(text);
    return validate(`${bytes.subarray(0, -2).toString()}a`);
  };
}

function uriErrors(text: string): readonly string[] {
  try {
    parseRequestUri(text);
    return [];
  } catch (error) {
    if (error instanceof UrlError) return [error.message];
    throw error;
  }
}

function isDate(text: string): boolean {
  const match = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text);
  if (match === null) return false;
  const [year, month, day] = match.slice(1).map(Number) as [number, number, number];
  if (month < 1 || month > 12 || day < 1) return false;
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  return day <= [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]!;
}

/** What stands behind a second `t` is not looked at, as upstream. */
function isDateTime(text: string): boolean {
  const [date, time] = text.toLowerCase().split('t');
  if (time === undefined || !isDate(date!) || !isTime(time)) return false;
  return time.slice(0, 2) <= '23' && time.slice(3, 5) <= '59' && time.slice(6, 8) <= '59';
}

const check = (isValid: (text: string) => boolean, error: string) => (text: string) =>
  isValid(text) ? [] : [error];

const label = dns1123LabelErrors;
const subdomain = (text: string) => dns1123SubdomainErrors(text);

/** By the name CEL knows them by. */
export const NAMED_FORMATS: ReadonlyMap<string, NamedFormat> = new Map<string, NamedFormat>([
  ['dns1123Label', { name: 'DNS1123Label', patternSize: 30, validate: label }],
  ['dns1123Subdomain', { name: 'DNS1123Subdomain', patternSize: 60, validate: subdomain }],
  ['dns1035Label', { name: 'DNS1035Label', patternSize: 30, validate: dns1035LabelErrors }],
  ['qualifiedName', { name: 'QualifiedName', patternSize: 60, validate: qualifiedNameErrors }],
  ['dns1123LabelPrefix', { name: 'DNS1123LabelPrefix', patternSize: 30, validate: asPrefix(label) }],
  [
    'dns1123SubdomainPrefix',
    { name: 'DNS1123SubdomainPrefix', patternSize: 60, validate: asPrefix(subdomain) },
  ],
  [
    'dns1035LabelPrefix',
    { name: 'DNS1035LabelPrefix', patternSize: 30, validate: asPrefix(dns1035LabelErrors) },
  ],
  ['labelValue', { name: 'LabelValue', patternSize: 40, validate: labelValueErrors }],
  ['uri', { name: 'URI', patternSize: 1103, validate: uriErrors }],
  [
    'uuid',
    {
      name: 'uuid',
      patternSize: UUID.length,
      validate: check(matcher(UUID), 'does not match the UUID format'),
    },
  ],
  ['byte', { name: 'byte', patternSize: 84, validate: check(matcher(BASE64), 'invalid base64') }],
  ['date', { name: 'date', patternSize: TIME.length, validate: check(isDate, 'invalid date') }],
  [
    'datetime',
    { name: 'datetime', patternSize: TIME.length, validate: check(isDateTime, 'invalid datetime') },
  ],
]);
