/** Kyverno's policies and rules in the words of admission policies: each reading is a policy of its own. */
import { print } from '../../cel/print.ts';
import type { CompiledPolicy } from '../form.ts';
import type { BlockFilter } from '../match/blocks.ts';
import { blocksText } from './blocks.ts';
import { type Plain, plainOf, Refused, type Rewrite } from './plain.ts';

/** What no admission policy can say. */
export function refuseOwn({ subject, template, exceptions, mutations, filter }: CompiledPolicy): void {
  if (mutations.length > 0) throw new Refused('it changes objects, and the format only judges them');
  if (subject === 'payload') throw new Refused('it is about JSON documents that are no Kubernetes objects');
  if (template === 'found') throw new Refused('it looks for pod templates wherever they are in custom kinds');
  if (filter !== null && 'turn' in filter && filter.turn !== null)
    throw new Refused('of its policy only the first rule that applies counts (applyRules: One)');
  const excepted = filter !== null && 'except' in filter && filter.except.length > 0;
  if (exceptions.length > 0 || excepted)
    throw new Refused('there are PolicyExceptions to it, which admission policies lack');
}

export function kyvernoPlain(policy: CompiledPolicy): Plain {
  const plain = plainOf(policy, { condition: written(policy), other: written(policy) });
  const named = { ...plain, name: nameOf(policy), conditions: [...plain.conditions] };
  const [namespace] = policy.dialect === 'kyverno-namespaced' ? policy.id.split('/') : [];
  if (namespace === undefined) return named;
  const text = `request.namespace == '${namespace}'`;
  return { ...named, conditions: [{ name: 'namespace', text }, ...named.conditions] };
}

export function withoutBlocks(policy: CompiledPolicy, filter: BlockFilter): Plain {
  const plain = plainOf(policy, { condition: written(policy), other: written(policy) });
  return {
    ...plain,
    name: nameOf(policy),
    conditions: [{ name: 'match', text: blocksText(filter) }, ...plain.conditions],
    bindings: plain.bindings.map(({ overrides, ...binding }) => {
      if ((overrides?.length ?? 0) > 0)
        throw new Refused('its action differs by namespace, and that of a binding does not');
      return { ...binding, name: nameOf(policy) };
    }),
  };
}

/** An expression that is read for a template is written out as it is read. */
function written({ template }: CompiledPolicy): Rewrite {
  return (text, ast) => (template === null ? text : print(ast));
}

function nameOf({ id, variant }: CompiledPolicy): string {
  const name = variant === '' ? id : `${id}-${variant}`;
  return name.toLowerCase().replaceAll('/', '-');
}
