/**
 * Names as the API server validates them (apimachinery pkg/util/validation). Each function returns what is wrong, or
 * undefined. Plain regular expressions without nested repetition over bounded lengths: linear.
 */

const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const DNS1035 = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;
const QUALIFIED = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const LABEL_VALUE = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;
const IDENTIFIER = /^[_a-zA-Z][_a-zA-Z0-9]*$/;

export function dnsSubdomainFault(name: string): string | undefined {
  if (name.length > 253) return 'must be no more than 253 characters';
  if (!name.split('.').every((part) => LABEL.test(part))) {
    return 'must consist of lower case letters, digits, "-" and ".", and begin and end with a letter or digit';
  }
  return undefined;
}

export function dns1035Fault(name: string): string | undefined {
  if (name.length > 63) return 'must be no more than 63 characters';
  if (!DNS1035.test(name)) {
    return 'must consist of lower case letters, digits and "-", begin with a letter and end with a letter or digit';
  }
  return undefined;
}

/** `name` or `prefix/name`: label keys, names of match conditions, audit keys. */
export function qualifiedNameFault(text: string): string | undefined {
  const parts = text.split('/');
  if (parts.length > 2) return 'must be a name with at most one prefix before a "/"';
  const name = parts.at(-1)!;
  if (parts.length === 2) {
    const fault = parts[0] === '' ? 'must not be empty' : dnsSubdomainFault(parts[0]!);
    if (fault !== undefined) return `the prefix ${fault}`;
  }
  if (name === '') return 'must not be empty';
  if (name.length > 63) return 'must be no more than 63 characters';
  if (!QUALIFIED.test(name)) {
    return 'must consist of letters, digits, "-", "_" and ".", and begin and end with a letter or digit';
  }
  return undefined;
}

export function labelValueFault(value: string): string | undefined {
  if (value.length > 63) return 'must be no more than 63 characters';
  if (!LABEL_VALUE.test(value)) {
    return 'must be empty, or consist of letters, digits, "-", "_" and ".", and begin and end with a letter or digit';
  }
  return undefined;
}

export function pathSegmentFault(name: string): string | undefined {
  if (name === '.' || name === '..') return `may not be "${name}"`;
  if (/[/%]/.test(name)) return 'may not contain "/" or "%"';
  return undefined;
}

const RESERVED = new Set(
  'true false null in as break const continue else for function if import let loop package namespace return var void while'.split(
    ' ',
  ),
);

export function identifierFault(name: string): string | undefined {
  return IDENTIFIER.test(name) && !RESERVED.has(name) ? undefined : 'must be a valid CEL identifier';
}
