/**
 * A Kyverno policy on Pods is one on the kinds that make Pods, too. Source: kyverno pkg/cel/autogen.
 */
import type { MatchResources } from '../../match/match.ts';
import { parseResource, type Rule } from '../../match/rules.ts';
import { didYouMean } from '../../nearest.ts';
import { type DocumentFault, warning } from '../fault.ts';

/** One reading of the policy beside the one for Pods. */
export interface Variant {
  /** As Kyverno calls it. */
  readonly name: 'autogen-defaults' | 'autogen-cronjobs' | 'autogen-extract';
  readonly match: MatchResources;
  /** Fields from the object to the Pod's template; null: templates are looked for in the object's spec. */
  readonly path: readonly string[] | null;
}

const BUILT_IN: Readonly<Record<string, { readonly group: string; readonly cron: boolean }>> = {
  daemonsets: { group: 'apps', cron: false },
  deployments: { group: 'apps', cron: false },
  replicasets: { group: 'apps', cron: false },
  statefulsets: { group: 'apps', cron: false },
  jobs: { group: 'batch', cron: false },
  cronjobs: { group: 'batch', cron: true },
};

export const TEMPLATE_PATH = ['spec', 'template'] as const;
export const CRONJOB_TEMPLATE_PATH = ['spec', 'jobTemplate', 'spec', 'template'] as const;

/**
 * @param controllers Names in the policy; undefined: the built-in ones.
 */
export function variantsOf(match: MatchResources, controllers: readonly string[] | undefined): Variant[] {
  if (!isOnPods(match)) return [];
  const { operations } = match.resourceRules[0]!;
  const names = controllers ?? Object.keys(BUILT_IN);
  const chosen = (cron: boolean) =>
    Object.keys(BUILT_IN).filter((name) => names.includes(name) && BUILT_IN[name]!.cron === cron);
  const builtIn = (resources: readonly string[]): Rule[] =>
    ['apps', 'batch'].flatMap((group) => {
      const own = resources.filter((name) => BUILT_IN[name]!.group === group);
      return own.length === 0 ? [] : [ruleOn(group, 'v1', own, operations)];
    });
  const custom = names.flatMap((name): Rule[] => {
    const parts = customOf(name);
    return parts === undefined ? [] : [ruleOn(parts.group, parts.version, [parts.resource], operations)];
  });
  const variant = (name: Variant['name'], rules: readonly Rule[], path: Variant['path']): Variant[] =>
    rules.length === 0 || operations.length === 0
      ? []
      : [{ name, path, match: { ...match, matchPolicy: 'Exact', resourceRules: rules } }];
  return [
    ...variant('autogen-defaults', builtIn(chosen(false)), TEMPLATE_PATH),
    ...variant('autogen-cronjobs', builtIn(chosen(true)), CRONJOB_TEMPLATE_PATH),
    ...variant('autogen-extract', custom, null),
  ];
}

/** Names that Kyverno passes over in silence. */
export function validateControllers(controllers: readonly string[], pointer: string): DocumentFault[] {
  return controllers.flatMap((name, i) => {
    if (Object.hasOwn(BUILT_IN, name) || customOf(name) !== undefined) return [];
    const hint = didYouMean(name, Object.keys(BUILT_IN));
    const detail = `"${name}" is neither a built-in controller nor resource.version.group; it has no effect.${hint}`;
    return [warning(`${pointer}/${i}`, detail)];
  });
}

function customOf(name: string): { resource: string; version: string; group: string } | undefined {
  const [, resource, version, group] = /^([^.]+)\.([^.]+)\.(.+)$/.exec(name) ?? [];
  return resource === undefined ? undefined : { resource, version: version!, group: group! };
}

/** Nothing but Pods, all of them, whatever they are called and labelled. */
function isOnPods({ objectSelector, excludeResourceRules, resourceRules }: MatchResources): boolean {
  const [rule, ...others] = resourceRules;
  if (rule === undefined || others.length > 0) return false;
  if (objectSelector.length > 0 || excludeResourceRules.length > 0) return false;
  const { apiGroups, apiVersions, resources, resourceNames } = rule;
  const is = (list: readonly string[], only: string) => list.length === 1 && list[0] === only;
  return (
    resourceNames.length === 0 &&
    is(apiGroups, '') &&
    is(apiVersions, 'v1') &&
    resources.length === 1 &&
    resources[0]!.resource === 'pods' &&
    resources[0]!.subresource === ''
  );
}

function ruleOn(
  group: string,
  version: string,
  resources: readonly string[],
  operations: readonly string[],
): Rule {
  return {
    apiGroups: [group],
    apiVersions: [version],
    resources: resources.map(parseResource),
    operations,
    scope: '*',
    resourceNames: [],
  };
}
