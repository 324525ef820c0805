/** The variables that Kyverno's libraries bring along: their types, their values, the fields of their object types. */
import { Fields } from '../../runtime/select.ts';
import { listOf, object, STRING, type Type } from '../../types.ts';
import type { Value } from '../../values.ts';
import {
  type AskContext,
  Context,
  GLOBAL_CONTEXT_TYPE,
  HTTP_TYPE,
  IMAGE_DATA_TYPE,
  RESOURCE_TYPE,
} from './context.ts';
import { HttpContext } from './http.ts';
import { JSON_TYPE, JSON_VALUE } from './json.ts';
import { createServiceAccount, SERVICE_ACCOUNT, SERVICE_ACCOUNT_FIELDS } from './user.ts';
import { type ParseYaml, YAML_TYPE, Yaml } from './yaml.ts';

const EXCEPTION = 'libs.Exception';
const EXCEPTION_FIELDS: Readonly<Record<string, Type>> = {
  allowedImages: listOf(STRING),
  allowedValues: listOf(STRING),
};

/** Types of the variables, beside those that every policy has (`object`, `request`, …). */
export const KYVERNO_VARIABLES: Readonly<Record<keyof KyvernoContext | 'exceptions', Type>> = {
  resource: RESOURCE_TYPE,
  http: HTTP_TYPE,
  globalContext: GLOBAL_CONTEXT_TYPE,
  image: IMAGE_DATA_TYPE,
  json: JSON_TYPE,
  yaml: YAML_TYPE,
  exceptions: object(EXCEPTION),
};

/** Values of the variables that functions are called on. */
export interface KyvernoContext {
  readonly resource: Value;
  readonly http: Value;
  readonly globalContext: Value;
  readonly image: Value;
  readonly json: Value;
  readonly yaml: Value;
}

export interface KyvernoContextOptions {
  /** Answers what the policy asks the cluster, the network and registries. */
  readonly ask: AskContext;
  readonly parseYaml: ParseYaml;
  /** Of the policy; absent when it is in none. */
  readonly namespace?: string;
}

export function createKyvernoContext({ ask, parseYaml, namespace }: KyvernoContextOptions): KyvernoContext {
  const context = (type: Type) => new Context(type, ask, namespace);
  return {
    resource: context(RESOURCE_TYPE),
    http: new HttpContext(ask, namespace),
    globalContext: context(GLOBAL_CONTEXT_TYPE),
    image: context(IMAGE_DATA_TYPE),
    json: JSON_VALUE,
    yaml: new Yaml(parseYaml),
  };
}

class Exceptions extends Fields {
  readonly $type = object(EXCEPTION);
  readonly $lists: Readonly<Record<string, Value>>;
  constructor(lists: Readonly<Record<string, Value>>) {
    super();
    this.$lists = lists;
  }
  $field(name: string): Value | undefined {
    const list = Object.hasOwn(this.$lists, name) ? this.$lists[name] : undefined;
    return Array.isArray(list) && list.length === 0 ? undefined : list;
  }
  override $unset(name: string): Value | undefined {
    return Object.hasOwn(EXCEPTION_FIELDS, name) ? [] : undefined;
  }
}

/** The value of the variable `exceptions`: what the exceptions that apply allow. */
export function createExceptions(
  allowedImages: readonly string[] = [],
  allowedValues: readonly string[] = [],
): Value {
  return new Exceptions({ allowedImages, allowedValues });
}

/** Fields of the object types, by name: for the `objects` of an environment. */
export const KYVERNO_OBJECT_TYPES: Readonly<Record<string, Readonly<Record<string, Type>>>> = {
  [EXCEPTION]: EXCEPTION_FIELDS,
  [SERVICE_ACCOUNT]: SERVICE_ACCOUNT_FIELDS,
};

/** Values of `user.ServiceAccount{…}` and `libs.Exception{…}`; undefined for other types. */
export function createKyvernoObject(typeName: string, fields: ReadonlyMap<string, Value>): Value | undefined {
  if (typeName === EXCEPTION) {
    const list = (name: string): Value => fields.get(name) ?? [];
    return new Exceptions({ allowedImages: list('allowedImages'), allowedValues: list('allowedValues') });
  }
  return typeName === SERVICE_ACCOUNT ? createServiceAccount(fields) : undefined;
}
