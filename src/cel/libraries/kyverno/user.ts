/** `parseServiceAccount` (sdk extensions/cel/libs/user). */
import type { Library, Overload } from '../../library.ts';
import { Fields } from '../../runtime/select.ts';
import { typeConstant } from '../../stdlib/type-value.ts';
import { object, STRING, type Type } from '../../types.ts';
import type { Value } from '../../values.ts';
import { declare, global } from '../declare.ts';
import { nativeString } from './native.ts';

export const SERVICE_ACCOUNT = 'user.ServiceAccount';
const SERVICE_ACCOUNT_TYPE = object(SERVICE_ACCOUNT);

/** Upstream's struct has no CEL tags, so the fields are called as in Go. */
export const SERVICE_ACCOUNT_FIELDS: Readonly<Record<string, Type>> = { Name: STRING, Namespace: STRING };

export class ServiceAccount extends Fields {
  readonly $type = SERVICE_ACCOUNT_TYPE;
  readonly $name: string;
  readonly $namespace: string;
  constructor(name: string, namespace: string) {
    super();
    this.$name = name;
    this.$namespace = namespace;
  }
  $field(name: string): Value | undefined {
    const value = name === 'Name' ? this.$name : name === 'Namespace' ? this.$namespace : '';
    return value === '' ? undefined : value;
  }
  override $unset(name: string): Value | undefined {
    return Object.hasOwn(SERVICE_ACCOUNT_FIELDS, name) ? '' : undefined;
  }
  override $equals(other: Value): boolean {
    return (
      other instanceof ServiceAccount && other.$name === this.$name && other.$namespace === this.$namespace
    );
  }
  $isZero(): boolean {
    return this.$name === '' && this.$namespace === '';
  }
}

const PREFIX = 'system:serviceaccount:';

/** Both fields are empty for a user that is no service account. */
function parse(user: string): ServiceAccount {
  const rest = user.startsWith(PREFIX) ? user.slice(PREFIX.length) : '';
  const colon = rest.indexOf(':');
  return colon < 0
    ? new ServiceAccount('', '')
    : new ServiceAccount(rest.slice(colon + 1), rest.slice(0, colon));
}

/** `user.ServiceAccount{Name: 'x'}`. */
export function createServiceAccount(fields: ReadonlyMap<string, Value>): Value {
  return new ServiceAccount(text(fields.get('Name')), text(fields.get('Namespace')));
}

const text = (value: Value | undefined): string => (value === undefined ? '' : nativeString(value));

const overload = (form: string): readonly Overload[] => [
  global(`parse_service_account_string_${form}`, [STRING], SERVICE_ACCOUNT_TYPE, parse),
];

export const users: Library = Object.freeze({
  name: 'kyverno.user',
  functions: declare({
    parseServiceAccount: overload('non_prefixed'),
    'user.parseServiceAccount': overload('prefixed'),
  }),
  constants: { [SERVICE_ACCOUNT]: typeConstant(SERVICE_ACCOUNT_TYPE) },
});
