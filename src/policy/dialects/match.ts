import { compileSelector } from '../match/labels.ts';
import type { MatchResources } from '../match/match.ts';
import { parseResource, type Rule, type Scope } from '../match/rules.ts';
import type { MatchSource, RuleSource } from './vap/validate-match.ts';

/** Compiles valid match resources, with the API server's defaults: Equivalent, scope `*`, empty selectors. */
export function compileMatch(source: MatchSource): MatchResources {
  return {
    namespaceSelector: compileSelector(source.namespaceSelector),
    objectSelector: compileSelector(source.objectSelector),
    excludeResourceRules: (source.excludeResourceRules ?? []).map(compileRule),
    resourceRules: (source.resourceRules ?? []).map(compileRule),
    matchPolicy: source.matchPolicy === 'Exact' ? 'Exact' : 'Equivalent',
  };
}

function compileRule(source: RuleSource): Rule {
  return {
    operations: source.operations ?? [],
    apiGroups: source.apiGroups ?? [],
    apiVersions: source.apiVersions ?? [],
    resources: (source.resources ?? []).map(parseResource),
    scope: (source.scope as Scope | undefined) ?? '*',
    resourceNames: source.resourceNames ?? [],
  };
}
