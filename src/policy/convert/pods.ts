/** Native policies see the pod of whatever carries one. In other formats variables say where it is, kind by kind. */

import { podPointer } from '../dialects/native/pods.ts';
import type { CompiledPolicy } from '../form.ts';
import { podViewText } from '../pod-view.ts';
import { type Plain, plainOf } from './plain.ts';
import { renameFree } from './rename.ts';

/** Kinds by plural, with the group they have now. */
const CARRIERS: Readonly<Record<string, readonly [group: string, kind: string]>> = {
  pods: ['', 'Pod'],
  podtemplates: ['', 'PodTemplate'],
  replicationcontrollers: ['', 'ReplicationController'],
  replicasets: ['apps', 'ReplicaSet'],
  deployments: ['apps', 'Deployment'],
  statefulsets: ['apps', 'StatefulSet'],
  daemonsets: ['apps', 'DaemonSet'],
  jobs: ['batch', 'Job'],
  cronjobs: ['batch', 'CronJob'],
};

export function withoutPods(policy: CompiledPolicy): Plain {
  const kinds = kindsOf(policy);
  const taken = new Set(policy.variables.map(({ name }) => name));
  const free = (name: string) => (taken.has(name) ? `${name}OfObject` : name);
  const names = { template: free('podTemplate'), pod: free('pod'), containers: free('containers') };
  const template = templateText(kinds);
  const variables = [
    { name: names.template, text: template },
    { name: names.pod, text: podViewText(`variables.${names.template}`) },
    { name: names.containers, text: containersText(`variables.${names.pod}`) },
  ];
  const inPlace = {
    pod: `(${podViewText(`(${template})`)})`,
    containers: `(${containersText(`(${podViewText(`(${template})`)})`)})`,
  };
  const byName = { pod: `variables.${names.pod}`, containers: `variables.${names.containers}` };
  const plain = plainOf(policy, {
    // Conditions see no variables.
    condition: (text, ast) => renameFree(text, ast, inPlace),
    other: (text, ast) => renameFree(text, ast, byName),
  });
  const condition = conditionText(kinds, policy);
  return {
    ...plain,
    conditions:
      condition === undefined
        ? plain.conditions
        : [{ name: 'has-pod-template', text: condition }, ...plain.conditions],
    variables: [...variables, ...plain.variables],
  };
}

interface Kind {
  readonly kind: string;
  /** `object.spec.template`. */
  readonly steps: readonly string[];
}

function kindsOf({ match }: CompiledPolicy): readonly Kind[] {
  const resources = match.resourceRules.flatMap((rule) => rule.resources.map(({ resource }) => resource));
  const named = resources.includes('*')
    ? Object.keys(CARRIERS)
    : Object.keys(CARRIERS).filter((r) => resources.includes(r));
  return named.map((resource) => {
    const [group, kind] = CARRIERS[resource]!;
    return { kind, steps: podPointer(group, kind)!.split('/').slice(1) };
  });
}

/** The kinds by where their template is, the most common place last. */
function places(
  kinds: readonly Kind[],
): readonly { readonly steps: readonly string[]; readonly kinds: readonly string[] }[] {
  const byPlace = Map.groupBy(kinds, ({ steps }) => steps.join('.'));
  return [...byPlace.values()]
    .map((of) => ({ steps: of[0]!.steps, kinds: of.map(({ kind }) => kind) }))
    .sort((a, b) => a.kinds.length - b.kinds.length);
}

function chosen(kinds: readonly Kind[], text: (steps: readonly string[]) => string): string {
  const all = places(kinds);
  return all
    .map(({ steps, kinds: of }, i) => {
      const tests = of.map((kind) => `object.kind == '${kind}'`).join(' || ');
      return i === all.length - 1 ? text(steps) : `${tests} ? ${text(steps)} : `;
    })
    .join('');
}

function templateText(kinds: readonly Kind[]): string {
  return chosen(kinds, (steps) => ['object', ...steps].join('.'));
}

/** What makes no pod is not asked about: another kind that a wildcard lets in, or a controller without a template. */
function conditionText(kinds: readonly Kind[], { match }: CompiledPolicy): string | undefined {
  const rules = match.resourceRules;
  const deletes = rules.some(({ operations }) => operations.some((o) => o !== 'CREATE' && o !== 'UPDATE'));
  const wild = rules.some(({ resources }) => resources.some(({ resource }) => resource === '*'));
  const carried = chosen(kinds, (steps) =>
    steps.length === 0 ? 'true' : `object.?${steps.join('.?')}.hasValue()`,
  );
  const parts = [
    ...(deletes ? ['object != null'] : []),
    ...(wild ? [`object.kind in [${kinds.map(({ kind }) => `'${kind}'`).join(', ')}]`] : []),
    ...(carried === 'true' ? [] : [carried.includes(' ? ') ? `(${carried})` : carried]),
  ];
  return parts.length === 0 ? undefined : parts.join(' && ');
}

function containersText(pod: string): string {
  const list = (name: string) => `${pod}.spec.?${name}.orValue([])`;
  return `${list('initContainers')} + ${list('containers')} + ${list('ephemeralContainers')}`;
}
