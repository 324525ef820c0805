/** The rules of a ClusterPolicy or Policy that are written in CEL; each is a policy of its own. */
import type { Resource, Severity } from '../../../model/index.ts';
import { type Binding, type Expression, KUBERNETES_BUDGET, type ValidationAction } from '../../form.ts';
import { isMap, own } from '../../json.ts';
import { compileSelector } from '../../match/labels.ts';
import { EVERYTHING } from '../../match/match.ts';
import { read } from '../../shape/read.ts';
import { zeroNulls } from '../../shape/zero.ts';
import { type DocumentFault, error, ofShape } from '../fault.ts';
import type { PolicyParts } from '../parts.ts';
import { SET_ASIDE } from '../set-aside.ts';
import { severityOf } from '../severity.ts';
import { validateParamRef } from '../vap/validate-binding.ts';
import { validateMetadata } from '../vap/validate-metadata.ts';
import {
  validateAuditAnnotations,
  validateFailurePolicy,
  validateMatchConditions,
  validateParamKind,
  validateVariables,
} from '../vap/validate-policy.ts';
import { type RuleReading, readingsOf } from './autogen.ts';
import { compileBlocks, compilePatterns, validateBlocks } from './blocks.ts';
import {
  type CelSource,
  type ClusterPolicySource,
  celShape,
  clusterPolicyShape,
  type OverrideSource,
  type RuleSource,
} from './shape.ts';

/** A rule in all its readings. */
export interface LoadedRule {
  readonly readings: readonly PolicyParts[];
  readonly binding: Binding;
}

/** Rules that can be run, and what is wrong with the others. */
export function loadClusterPolicy(resource: Resource): { rules: LoadedRule[]; faults: DocumentFault[] } {
  const { value, issues } = read(clusterPolicyShape, zeroNulls(clusterPolicyShape, resource.object));
  const faults = issues.map((issue) => ofShape(issue, issue.code === 'unknown-field' ? 'warning' : 'error'));
  if (issues.some((issue) => issue.code !== 'unknown-field')) return { rules: [], faults };
  const { severity, faults: severityFaults } = severityOf(resource.object);
  faults.push(...severityFaults, ...validatePolicy(value));
  if (faults.some((fault) => fault.severity === 'error')) return { rules: [], faults };
  const readings = readingsOf(value.spec.rules, value.metadata.annotations?.[CONTROLLERS]);
  const rules = value.spec.rules.flatMap((rule, i): LoadedRule[] => {
    const loaded = loadRule(rule, `/spec/rules/${i}`);
    faults.push(...loaded.faults);
    return loaded.cel === undefined ? [] : [ruleOf(value, rule, loaded.cel, readings[i]!, severity, i)];
  });
  return { rules, faults };
}

const CONTROLLERS = 'pod-policies.kyverno.io/autogen-controllers';

function validatePolicy({ metadata, kind, spec }: ClusterPolicySource): DocumentFault[] {
  const faults = [
    ...validateMetadata(kind === 'ClusterPolicy' ? metadata : { ...metadata, namespace: '' }),
    ...validateFailurePolicy(spec),
    ...validateMatchConditions(
      spec.webhookConfiguration?.matchConditions ?? [],
      '/spec/webhookConfiguration/matchConditions',
    ),
  ];
  if (spec.rules.length === 0) faults.push(error('/spec/rules', 'At least one rule is required.'));
  const names = new Set<string>();
  spec.rules.forEach(({ name }, i) => {
    if (names.has(name)) faults.push(error(`/spec/rules/${i}/name`, `A second rule named "${name}".`));
    names.add(name);
  });
  return faults;
}

/** Parts of rules that only Kyverno's engine runs. */
const UNSUPPORTED: Readonly<Record<string, string>> = {
  mutate: 'a mutation in JMESPath',
  generate: 'generation of resources',
  verifyImages: 'verification of images',
  context: 'a context in JMESPath',
  preconditions: 'preconditions in JMESPath',
};

function loadRule(rule: RuleSource, pointer: string): { cel?: CelSource; faults: DocumentFault[] } {
  const cannot = (at: string, what: string): DocumentFault => ({
    pointer: at,
    severity: 'error',
    reason: 'unsupported',
    detail: `The rule "${rule.name}" has ${what}, which is not run by this version.`,
    help: `Write the rule with validate.cel, or ${SET_ASIDE}; Kyverno goes on running it.`,
  });
  for (const [field, what] of Object.entries(UNSUPPORTED))
    if (own(rule as object as { [key: string]: unknown }, field) != null)
      return { faults: [cannot(`${pointer}/${field}`, what)] };
  const validate = rule.validate;
  const given = validate?.cel;
  if (given === undefined)
    return { faults: [cannot(`${pointer}/validate`, `no validate.cel, but ${otherKind(validate)}`)] };
  const { value, issues } = read(celShape, zeroNulls(celShape, given));
  const at = `${pointer}/validate/cel`;
  const faults = issues.map((issue) => {
    const fault = ofShape(issue, issue.code === 'unknown-field' ? 'warning' : 'error');
    return { ...fault, pointer: at + fault.pointer };
  });
  if (faults.some(({ severity }) => severity === 'error')) return { faults };
  faults.push(...validateRule(rule, value, pointer));
  return faults.some(({ severity }) => severity === 'error') ? { faults } : { cel: value, faults };
}

function otherKind(validate: RuleSource['validate']): string {
  const known = ['pattern', 'anyPattern', 'deny', 'foreach', 'podSecurity', 'manifests', 'assert'];
  const found = isMap(validate) ? known.find((name) => own(validate, name) !== undefined) : undefined;
  return found === undefined ? 'nothing to validate' : `validate.${found}`;
}

function validateRule(rule: RuleSource, source: CelSource, pointer: string): DocumentFault[] {
  const at = `${pointer}/validate/cel`;
  const faults = [
    ...validateBlocks(rule.match, `${pointer}/match`),
    ...(rule.exclude === undefined ? [] : validateBlocks(rule.exclude, `${pointer}/exclude`)),
    ...validateMatchConditions(rule.celPreconditions ?? [], `${pointer}/celPreconditions`, 'any'),
    ...validateVariables(source.variables ?? [], `${at}/variables`),
    ...validateParamKind(source.paramKind, `${at}/paramKind`),
    ...validateAuditAnnotations(source.auditAnnotations ?? [], rule.name, `${at}/auditAnnotations`),
    ...(source.paramKind === undefined
      ? []
      : validateParamRef(withAction(source.paramRef), `${at}/paramRef`)),
  ];
  if ((source.expressions?.length ?? 0) === 0)
    faults.push(error(`${at}/expressions`, 'At least one expression is required.'));
  source.expressions?.forEach(({ expression = '' }, i) => {
    if (expression.trim() === '')
      faults.push(error(`${at}/expressions/${i}/expression`, 'An expression is required.'));
  });
  if (source.paramKind !== undefined && source.paramRef === undefined)
    faults.push(error(at, 'A rule with a paramKind says by paramRef which parameters it takes.'));
  return faults;
}

/** Kyverno takes absent parameters for an error whatever is said of them. */
function withAction(ref: CelSource['paramRef']): CelSource['paramRef'] {
  return ref === undefined ? undefined : { parameterNotFoundAction: 'Deny', ...ref };
}

function ruleOf(
  policy: ClusterPolicySource,
  rule: RuleSource,
  source: CelSource,
  readings: readonly RuleReading[],
  severity: Severity,
  index: number,
): LoadedRule {
  const pointer = `/spec/rules/${index}`;
  const { name = '', namespace = '' } = policy.metadata;
  const kind = policy.kind!;
  const own = kind === 'Policy' ? `${namespace || 'default'}/${name}` : name;
  const id = `${own}/${rule.name}`;
  const at = `${pointer}/validate/cel`;
  const parts = (reading: RuleReading): PolicyParts => ({
    id,
    variant: reading.variant === '' ? '' : reading.name,
    dialect: 'clusterpolicy',
    info: { id, title: policy.metadata.annotations?.['policies.kyverno.io/title'] ?? id, severity, kind },
    sets: [],
    subject: 'object',
    template: reading.path,
    match: EVERYTHING,
    filter: {
      namespace: kind === 'Policy' ? namespace || 'default' : '',
      match: compileBlocks(reading.match),
      exclude: reading.exclude === undefined ? null : compileBlocks(reading.exclude),
      except: [],
      turn: policy.spec.applyRules === 'One' ? { policy: own, index } : null,
    },
    matchConditions: [
      ...conditions(
        policy.spec.webhookConfiguration?.matchConditions ?? [],
        '/spec/webhookConfiguration/matchConditions',
      ),
      ...conditions(rule.celPreconditions ?? [], `${pointer}/celPreconditions`),
    ],
    conditionsSeeAll: false,
    failurePolicy: policy.spec.failurePolicy === 'Ignore' ? 'Ignore' : 'Fail',
    paramKind:
      source.paramKind === undefined
        ? null
        : { apiVersion: source.paramKind.apiVersion!, kind: source.paramKind.kind! },
    variables: (source.variables ?? []).map((variable, i) => ({
      name: variable.name!,
      expression: place(variable.expression!, `${at}/variables/${i}/expression`),
    })),
    validations: (source.expressions ?? []).map((validation, i) => ({
      name: `expressions[${i}]`,
      named: false,
      expression: place(validation.expression!, `${at}/expressions/${i}/expression`),
      message: validation.message || (rule.validate?.message ?? ''),
      messageExpression:
        validation.messageExpression === undefined || validation.messageExpression === ''
          ? null
          : place(validation.messageExpression, `${at}/expressions/${i}/messageExpression`),
      reason: 'Invalid',
      at: null,
    })),
    auditAnnotations: (source.auditAnnotations ?? []).map(({ key, valueExpression }, i) => ({
      key: key!,
      valueExpression: place(valueExpression!, `${at}/auditAnnotations/${i}/valueExpression`),
    })),
    exceptions: [],
    mutations: [],
    targets: null,
    reinvocation: 'Never',
    budget: KUBERNETES_BUDGET,
    lazyMessages: false,
    firstFailureOnly: false,
  });
  return { readings: readings.map(parts), binding: bindingOf(policy, rule, source) };
}

function conditions(
  sources: readonly { readonly name?: string; readonly expression?: string }[],
  pointer: string,
): PolicyParts['matchConditions'] {
  return sources.map(({ name, expression }, i) => ({
    name: name!,
    expression: place(expression!, `${pointer}/${i}/expression`),
  }));
}

/** A rule's own action counts before the policy's, and so do its overrides. */
function bindingOf({ spec }: ClusterPolicySource, { validate }: RuleSource, source: CelSource): Binding {
  // Nothing is denied where admission is not asked: the background tells.
  const background = spec.admission === false;
  const action = background ? 'Audit' : (validate?.failureAction ?? spec.validationFailureAction ?? 'Audit');
  const overrides = background
    ? []
    : (validate?.failureActionOverrides ?? spec.validationFailureActionOverrides ?? []);
  const ref = source.paramKind === undefined ? undefined : source.paramRef;
  return {
    name: '',
    match: null,
    paramRef:
      ref === undefined
        ? null
        : {
            name: ref.name ?? '',
            namespace: ref.namespace ?? '',
            selector: ref.selector === undefined ? null : compileSelector(ref.selector),
            notFound: 'Deny',
          },
    params: null,
    actions: actionsOf(action),
    overrides: overrides.map(overrideOf),
  };
}

function overrideOf({ action = 'Audit', namespaces, namespaceSelector }: OverrideSource) {
  return {
    namespaces: namespaces ?? [],
    selector: compilePatterns(namespaceSelector),
    actions: actionsOf(action),
  };
}

function actionsOf(action: string): readonly ValidationAction[] {
  return action.toLowerCase() === 'enforce' ? ['Deny'] : ['Audit'];
}

function place(text: string, pointer: string): Expression {
  return { text, pointer };
}
