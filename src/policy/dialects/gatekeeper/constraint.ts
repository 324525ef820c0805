import type { JsonMap, Resource, Severity } from '../../../model/index.ts';
import type { Binding, ValidationAction } from '../../form.ts';
import type { Filter } from '../../match/filter.ts';
import { compileSelector } from '../../match/labels.ts';
import type { MatchResources } from '../../match/match.ts';
import { read } from '../../shape/read.ts';
import { type DocumentFault, error, ofShape, warning } from '../fault.ts';
import { dnsSubdomainFault } from '../names.ts';
import type { PolicyParts } from '../parts.ts';
import { severityOf } from '../severity.ts';
import { notOneOf, validateSelector } from '../vap/validate-match.ts';
import { completeParameters } from './parameters.ts';
import { type ConstraintMatch, type ConstraintSource, constraintShape } from './shape.ts';
import { expressionAt, type Template } from './template.ts';

/** A constraint is a policy of its own: its template's code, bound with its match and parameters. */
export interface Constraint {
  readonly parts: PolicyParts;
  readonly binding: Binding;
}

/** Gatekeeper's budget is that of one expression for all of a constraint. */
const BUDGET = { expression: 1_000_000, evaluation: 1_000_000, matchConditions: 2_500_000 };

export function loadConstraint(
  resource: Resource,
  template: Template,
): { value?: Constraint; faults: DocumentFault[] } {
  const { value, issues } = read(constraintShape, resource.object);
  const faults = issues.map((issue) => ofShape(issue, 'error'));
  if (faults.length > 0) return { faults };
  const actions = actionsOf(value);
  const parameters = parametersOf(value, template);
  const { severity, faults: severityFaults } = severityOf(resource.object);
  faults.push(...validateConstraint(value), ...actions.faults, ...parameters.faults, ...severityFaults);
  if (faults.some((fault) => fault.severity === 'error')) return { faults };
  const name = value.metadata.name!;
  const binding: Binding = {
    name,
    match: null,
    paramRef: null,
    params: withParameters(resource.object, parameters.value),
    actions: actions.actions,
  };
  return { value: { parts: partsOf(name, value, template, severity), binding }, faults };
}

function validateConstraint({ metadata, spec }: ConstraintSource): DocumentFault[] {
  const match = spec?.match ?? {};
  const faults = [
    ...validateSelector(match.labelSelector, '/spec/match/labelSelector'),
    ...validateSelector(match.namespaceSelector, '/spec/match/namespaceSelector'),
  ];
  const name = metadata.name ?? '';
  const wrong = name.length > 63 ? 'must be no more than 63 characters' : dnsSubdomainFault(name);
  if (wrong !== undefined) faults.push(error('/metadata/name', `The name ${wrong}.`));
  if (match.source !== undefined && !SOURCES.includes(match.source))
    faults.push(notOneOf('/spec/match/source', match.source, SOURCES));
  for (const field of ['namespaces', 'excludedNamespaces'] as const)
    match[field]?.forEach((pattern, i) => {
      faults.push(...validateWildcard(pattern, `/spec/match/${field}/${i}`));
    });
  if (match.name !== undefined) faults.push(...validateWildcard(match.name, '/spec/match/name'));
  // Gatekeeper takes another word for no limit at all; whoever wrote it meant one.
  if (match.scope !== undefined && !SCOPES.includes(match.scope))
    faults.push({ ...notOneOf('/spec/match/scope', match.scope, SCOPES), severity: 'warning' });
  return faults;
}

const SOURCES = ['All', 'Original', 'Generated'];
const SCOPES = ['*', 'Cluster', 'Namespaced'];

function validateWildcard(pattern: string, pointer: string): DocumentFault[] {
  if (/^\*?[-:a-z0-9.]*\*?$/.test(pattern)) return [];
  return [error(pointer, `"${pattern}": an asterisk may stand at the front and the end, and nowhere else.`)];
}

const ACTIONS: Readonly<Record<string, ValidationAction>> = { deny: 'Deny', warn: 'Warn', dryrun: 'Audit' };
const WEBHOOK = 'validation.gatekeeper.sh';

/** What is done at admission; where only the audit is named, violations are reported. */
function actionsOf({ spec }: ConstraintSource): { actions: ValidationAction[]; faults: DocumentFault[] } {
  const action = spec?.enforcementAction ?? 'deny';
  if (Object.hasOwn(ACTIONS, action)) return { actions: [ACTIONS[action]!], faults: [] };
  if (action !== 'scoped') {
    const fault = notOneOf('/spec/enforcementAction', action, [...Object.keys(ACTIONS), 'scoped']);
    return { actions: [], faults: [fault] };
  }
  const scoped = spec?.scopedEnforcementActions;
  if (scoped === undefined) {
    const detail = 'enforcementAction is scoped: scopedEnforcementActions must say where.';
    return { actions: [], faults: [error('/spec/enforcementAction', detail)] };
  }
  const faults = scoped.flatMap((entry, i) =>
    Object.hasOwn(ACTIONS, entry.action)
      ? []
      : [notOneOf(`/spec/scopedEnforcementActions/${i}/action`, entry.action, Object.keys(ACTIONS))],
  );
  const atWebhook = scoped.filter((entry) =>
    entry.enforcementPoints.some(({ name }) => name === WEBHOOK || name === '*'),
  );
  const actions = [...new Set(atWebhook.map((entry) => ACTIONS[entry.action]!))];
  if (actions.length === 0)
    faults.push(
      warning('/spec/scopedEnforcementActions', `No action at ${WEBHOOK}: violations are only reported.`),
    );
  return { actions: actions.length === 0 ? ['Audit'] : actions, faults };
}

function parametersOf(
  { spec }: ConstraintSource,
  { schema, closed }: Template,
): { value: unknown; faults: readonly DocumentFault[] } {
  const value = spec?.parameters;
  if (schema !== undefined) return completeParameters(schema, value, closed, '/spec/parameters');
  const unasked = closed && value !== undefined;
  const detail = 'The template declares no parameters.';
  return { value, faults: unasked ? [error('/spec/parameters', detail)] : [] };
}

/** The constraint as `params`, with its parameters completed. */
function withParameters(object: JsonMap, parameters: unknown): JsonMap {
  const spec = object['spec'] as JsonMap | undefined;
  if (parameters === undefined || spec?.['parameters'] === parameters) return object;
  return { ...object, spec: { ...spec, parameters } };
}

function partsOf(
  name: string,
  { spec }: ConstraintSource,
  template: Template,
  severity: Severity,
): PolicyParts {
  const { kind, source, pointer } = template;
  const id = `${kind}/${name}`;
  return {
    id,
    variant: '',
    dialect: 'gatekeeper',
    info: { id, title: name, severity, kind },
    sets: [],
    subject: 'object',
    template: null,
    match: matchOf(template),
    filter: filterOf(spec?.match ?? {}),
    matchConditions: (source.matchCondition ?? []).map((condition, i) => ({
      name: condition.name ?? '',
      expression: expressionAt(condition.expression!, `${pointer}/matchCondition/${i}/expression`),
    })),
    failurePolicy: source.failurePolicy === 'Ignore' ? 'Ignore' : 'Fail',
    paramKind: null,
    variables: [
      ...GIVEN,
      ...(source.variables ?? []).map((variable, i) => ({
        name: variable.name!,
        expression: expressionAt(variable.expression!, `${pointer}/variables/${i}/expression`),
      })),
    ],
    validations: (source.validations ?? []).map(({ expression, message, messageExpression }, i) => ({
      name: `validations[${i}]`,
      named: false,
      expression: expressionAt(expression!, `${pointer}/validations/${i}/expression`),
      message: message ?? '',
      messageExpression:
        messageExpression === undefined || messageExpression === ''
          ? null
          : expressionAt(messageExpression, `${pointer}/validations/${i}/messageExpression`),
      reason: 'Invalid' as const,
      at: null,
    })),
    auditAnnotations: [],
    budget: BUDGET,
    mutations: [],
    targets: null,
    reinvocation: 'Never',
    lazyMessages: false,
    firstFailureOnly: false,
    conditionsSeeAll: false,
    exceptions: [],
  };
}

/** The variables that Gatekeeper puts before the template's own. */
const GIVEN: PolicyParts['variables'] = [
  {
    name: 'anyObject',
    expression: expressionAt(
      "has(request.operation) && request.operation == 'DELETE' && object == null ? oldObject : object",
      '',
    ),
  },
  {
    name: 'params',
    expression: expressionAt(
      '!has(params.spec) ? null : !has(params.spec.parameters) ? null : params.spec.parameters',
      '',
    ),
  },
];

/** What Gatekeeper's webhook is asked about: everything but deletions, which an installation has to ask for. */
function matchOf({ operations }: Template): MatchResources {
  return {
    namespaceSelector: [],
    objectSelector: [],
    excludeResourceRules: [],
    resourceRules: [
      {
        operations: operations.length === 0 ? ['CREATE', 'UPDATE'] : operations,
        apiGroups: ['*'],
        apiVersions: ['*'],
        resources: [{ resource: '*', subresource: '*' }],
        scope: '*',
        resourceNames: [],
      },
    ],
    matchPolicy: 'Exact',
  };
}

function filterOf(match: ConstraintMatch): Filter {
  const scope = match.scope;
  return {
    kinds: (match.kinds ?? []).map(({ apiGroups = [], kinds = [] }) => ({ apiGroups, kinds })),
    scope: scope === 'Cluster' || scope === 'Namespaced' ? scope : 'any',
    namespaces: match.namespaces ?? [],
    excludedNamespaces: match.excludedNamespaces ?? [],
    labelSelector: compileSelector(match.labelSelector),
    namespaceSelector: compileSelector(match.namespaceSelector),
    name: match.name ?? '',
    source: match.source === 'Generated' || match.source === 'Original' ? match.source : 'All',
  };
}
