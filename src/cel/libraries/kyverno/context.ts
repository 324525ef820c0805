/**
 * What Kyverno's libraries ask the outside for: the cluster, the network, registries. Who answers is injected, as with
 * the authorizer; where nobody does, a call is an error that says what is missing.
 */
import { CelError } from '../../errors.ts';
import { Fields } from '../../runtime/select.ts';
import { opaque, type Type } from '../../types.ts';
import type { Value } from '../../values.ts';
import { valueOfJson } from './native.ts';

/** One question. `namespace` is empty for all namespaces, and for what is in none. */
export type ContextQuestion =
  | {
      readonly kind: 'resource-get';
      readonly apiVersion: string;
      readonly resource: string;
      readonly namespace: string;
      readonly name: string;
    }
  | {
      readonly kind: 'resource-list';
      readonly apiVersion: string;
      readonly resource: string;
      readonly namespace: string;
      readonly labels: Readonly<Record<string, string>>;
    }
  | {
      readonly kind: 'resource-post';
      readonly apiVersion: string;
      readonly resource: string;
      readonly namespace: string;
      readonly body: unknown;
    }
  /** Answered with `{group, version, resource}`. */
  | { readonly kind: 'resource-mapping'; readonly apiVersion: string; readonly objectKind: string }
  | {
      readonly kind: 'http';
      readonly method: 'GET';
      readonly url: string;
      readonly headers: Readonly<Record<string, string>>;
      readonly caBundle: string;
    }
  | {
      readonly kind: 'http';
      readonly method: 'POST';
      readonly url: string;
      readonly headers: Readonly<Record<string, string>>;
      readonly caBundle: string;
      readonly body: unknown;
    }
  | { readonly kind: 'global-context'; readonly name: string; readonly projection: string }
  | { readonly kind: 'image-data'; readonly image: string };

/** JSON, or what went wrong, in the words of who was asked. The value null of `resource-get`: there is none. */
export type ContextAnswer = { readonly value: unknown } | { readonly error: string };

/** Answers a question, or undefined when it does not know. */
export type AskContext = (question: ContextQuestion) => ContextAnswer | undefined;

export const RESOURCE_TYPE = opaque('resource.Context');
export const HTTP_TYPE = opaque('http.Context');
export const GLOBAL_CONTEXT_TYPE = opaque('globalcontext.Context');
export const IMAGE_DATA_TYPE = opaque('imagedata.Context');

/** The value of a variable that functions are called on. */
export class Context extends Fields {
  readonly $type: Type;
  readonly $ask: AskContext;
  /** Of the policy; undefined where it is not in one. */
  readonly $policyNamespace: string | undefined;
  constructor(type: Type, ask: AskContext, policyNamespace: string | undefined) {
    super();
    this.$type = type;
    this.$ask = ask;
    this.$policyNamespace = policyNamespace;
  }
  $field(): undefined {
    return undefined;
  }
}

/** The answer's value; an error is prefixed by what was tried. */
export function answer(
  { $ask }: Context,
  question: ContextQuestion,
  failed: string,
  numbers: 'floats' | 'as-they-are',
): Value {
  const given = $ask(question);
  if (given === undefined) throw new CelError('needs-answer', `no answer to the call: ${describe(question)}`);
  if ('error' in given) throw new CelError('invalid-argument', `${failed}: ${given.error}`);
  return valueOfJson(given.value, numbers === 'floats');
}

/** As one writes the call. */
function describe(question: ContextQuestion): string {
  switch (question.kind) {
    case 'resource-get':
      return call('resource.get', question.apiVersion, question.resource, question.namespace, question.name);
    case 'resource-list':
      return call(
        'resource.list',
        question.apiVersion,
        question.resource,
        question.namespace,
        ...labels(question.labels),
      );
    case 'resource-post':
      return call('resource.post', question.apiVersion, question.resource, question.namespace);
    case 'resource-mapping':
      return call('resource.toGVR', question.apiVersion, question.objectKind);
    case 'http':
      return call(`http.${question.method.toLowerCase()}`, question.url);
    case 'global-context':
      return call(
        'globalContext.get',
        question.name,
        ...(question.projection === '' ? [] : [question.projection]),
      );
    case 'image-data':
      return call('image.getMetadata', question.image);
  }
}

const call = (name: string, ...args: readonly unknown[]): string =>
  `${name}(${args.map((arg) => JSON.stringify(arg)).join(', ')})`;

const labels = (wanted: Readonly<Record<string, string>>) =>
  Object.keys(wanted).length === 0 ? [] : [wanted];
