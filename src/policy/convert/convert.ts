/** `rampart policies convert`: a policy of any format in another one, with the same verdicts. */
import type { Discovery, JsonMap, Resource } from '../../model/index.ts';
import { compilePolicies } from '../compile.ts';
import { type CompiledPolicy, isKyverno } from '../form.ts';
import type { Filter } from '../match/filter.ts';
import type { Settings } from '../settings/settings.ts';
import { withoutFilter } from './filter.ts';
import { kyvernoPlain, refuseOwn, withoutBlocks } from './kyverno.ts';
import { nativeDocument, withoutBindings } from './native.ts';
import { type Plain, plainOf, Refused } from './plain.ts';
import { withoutPods } from './pods.ts';
import { vapDocuments } from './vap.ts';

export type ConvertTarget = 'native' | 'vap';

export type Conversion =
  | {
      readonly policy: string;
      readonly documents: readonly JsonMap[];
      /** What the new format does not have, and verdicts do not hang on. */
      readonly notes: readonly string[];
    }
  /** Why it cannot be said in that format. */
  | { readonly policy: string; readonly refused: string };

export interface ConvertOptions {
  readonly settings: Settings;
  readonly discovery: Discovery;
  /** Parameters, among the documents of the policies. */
  readonly objects: readonly Resource[];
}

/** @param document the policy's own */
export function convertPolicy(
  policy: CompiledPolicy,
  document: JsonMap,
  target: ConvertTarget,
  options: ConvertOptions,
): Conversion {
  try {
    if (policy.dialect === 'native' && target === 'native')
      return { policy: policy.id, documents: [document], notes: [] };
    const plain = plainFor(policy, target, options);
    const documents = target === 'vap' ? vapDocuments(plain) : [nativeDocument(plain)];
    refuseBroken(documents, options);
    return { policy: policy.id, documents, notes: notesOf(policy, plain, target) };
  } catch (error) {
    if (error instanceof Refused) return { policy: policy.id, refused: error.message };
    throw error;
  }
}

/** Another format may lack a function, or want a type to be known. */
function refuseBroken(documents: readonly JsonMap[], { settings }: ConvertOptions): void {
  const resources = documents.map((object, document): Resource => {
    const name = String((object['metadata'] as JsonMap)['name']);
    const ref = {
      apiVersion: String(object['apiVersion']),
      kind: String(object['kind']),
      namespace: '',
      name,
    };
    return { ref, object, origin: { file: 'converted.yaml', document, line: 1, pointer: '' } };
  });
  const [problem] = compilePolicies(resources, { settings }).problems;
  if (problem !== undefined) throw new Refused(`the format refuses what it would be: ${problem.detail}`);
}

function plainFor(
  policy: CompiledPolicy,
  target: ConvertTarget,
  { discovery, objects }: ConvertOptions,
): Plain {
  refuseOwn(policy);
  if (policy.related !== undefined)
    throw new Refused('it looks up other objects, which only a native policy can');
  const { filter } = policy;
  if (filter !== null && 'match' in filter) {
    if (target === 'native' && policy.paramKind !== null)
      throw new Refused('it takes parameters, and native policies take none');
    return withoutBlocks(policy, filter);
  }
  if (isKyverno(policy.dialect)) return kyvernoPlain(policy);
  if (filter !== null) return withoutFilter(policy, filter as Filter, discovery);
  if (policy.subject === 'pod') return withoutPods(policy);
  if (target === 'native') return withoutBindings(policy, objects);
  const same = (text: string) => text;
  return plainOf(policy, { condition: same, other: same });
}

function* left(policy: CompiledPolicy, plain: Plain, target: ConvertTarget): Iterable<string> {
  const { validations } = plain;
  if (target === 'native') {
    const actions = [...new Set(policy.bindings.flatMap((binding) => binding.actions))];
    yield `left out: ${actions.join(', ')}; what a violation leads to is said by the stage of a native policy`;
    if (validations.some(({ reason }) => reason !== 'Invalid')) yield 'left out: reason of validations';
    if (plain.auditAnnotations.length > 0) yield 'left out: auditAnnotations are evaluated, and not written';
    return;
  }
  if (policy.dialect !== 'native') return;
  if (validations.some(({ name }) => name !== '')) yield 'left out: names of validations';
  if (validations.some(({ at }) => at !== '')) yield 'left out: at, the place of a finding';
  const { title: _, severity: __, kind: ___, id: ____, frameworks, equivalents, ...described } = policy.info;
  const lists = [
    ...(Object.keys(frameworks ?? {}).length > 0 ? ['frameworks'] : []),
    ...((equivalents ?? []).length > 0 ? ['equivalents'] : []),
  ];
  yield `left out: ${['title', ...Object.keys(described), ...lists].join(', ')}`;
}

function notesOf(policy: CompiledPolicy, plain: Plain, target: ConvertTarget): readonly string[] {
  const notes = [...left(policy, plain, target)];
  if (policy.dialect === 'gatekeeper')
    notes.push('the budget of an expression is that of Kubernetes, ten times as high for the whole');
  return notes;
}
