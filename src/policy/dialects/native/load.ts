import type { Resource } from '../../../model/index.ts';
import { type Expression, KUBERNETES_BUDGET } from '../../form.ts';
import { pointerStep } from '../../json.ts';
import type { MatchResources } from '../../match/match.ts';
import type { Settings } from '../../settings/settings.ts';
import { holds, isWhenErrors, parseWhen } from '../../settings/when.ts';
import { read } from '../../shape/read.ts';
import { type DocumentFault, error, ofShape } from '../fault.ts';
import { compileMatch } from '../match.ts';
import type { PolicyParts } from '../parts.ts';
import { SET_ASIDE } from '../set-aside.ts';
import { validateMatch } from '../vap/validate-match.ts';
import { validateName } from '../vap/validate-metadata.ts';
import { validateMatchConditions, validateMessages, validateVariables } from '../vap/validate-policy.ts';
import { isDay } from './day.ts';
import { carriersOf, rulesOf } from './pods.ts';
import { lookupsOf, validateRelated } from './related.ts';
import { remedyOf } from './remedy.ts';
import { type NativeSource, type NativeSpec, nativeShape } from './shape.ts';

/** Reads a HardeningPolicy under the given settings; no value when it is refused. Unknown fields are refused too. */
export function loadNative(
  resource: Resource,
  settings: Settings,
): { value?: PolicyParts; faults: DocumentFault[] } {
  const { value, issues } = read(nativeShape, resource.object);
  if (issues.length > 0) return { faults: issues.map((issue) => ofShape(issue, 'error')) };
  const faults = validate(value);
  if (faults.some(({ severity }) => severity === 'error')) return { faults };
  return { value: partsOf(value, settings), faults };
}

function validate({ metadata, spec }: NativeSource): DocumentFault[] {
  return [
    ...validateName(metadata.name, '/metadata/name'),
    ...validateTarget(spec),
    ...validatePods(spec),
    ...validateConstraints(spec),
    ...validateMatchConditions(spec.matchConditions ?? [], '/spec/matchConditions'),
    ...validateRelated(spec.related ?? [], '/spec/related'),
    ...validateVariables(spec.variables ?? [], '/spec/variables'),
    ...validateValidations(spec),
    ...validateFrameworks(spec),
    ...validateNarrower(spec),
    ...validateDeprecation(spec),
  ];
}

function validateTarget({ target = 'kubernetes' }: NativeSpec): DocumentFault[] {
  if (target === 'kubernetes') return [];
  return [
    {
      pointer: '/spec/target',
      severity: 'error',
      reason: 'unsupported',
      detail: `Policies on "${target}" are not run by this version.`,
      help: `Set "target: kubernetes", or ${SET_ASIDE}.`,
    },
  ];
}

function validatePods({ pods }: NativeSpec): DocumentFault[] {
  const carriers = carriersOf(pods?.controllers);
  if ('carriers' in carriers) return [];
  const hint = carriers.nearest === undefined ? '' : ` Did you mean "${carriers.nearest}"?`;
  return [error('/spec/pods/controllers', `"${carriers.unknown}" carries no pod template.${hint}`)];
}

function validateConstraints({ pods, matchConstraints }: NativeSpec): DocumentFault[] {
  if (matchConstraints === undefined) {
    if (pods !== undefined) return [];
    return [error('/spec/matchConstraints', 'Either "pods" or "matchConstraints" is required.')];
  }
  const faults = validateMatch(matchConstraints, '/spec/matchConstraints');
  if (pods === undefined && (matchConstraints.resourceRules?.length ?? 0) === 0) {
    faults.push(error('/spec/matchConstraints/resourceRules', 'At least one resource rule is required.'));
  }
  return faults;
}

function validateValidations({ validations }: NativeSpec): DocumentFault[] {
  if (validations.length === 0) return [error('/spec/validations', 'At least one validation is required.')];
  const names = new Set<string>();
  return validations.flatMap((validation, i) => {
    const pointer = `/spec/validations/${i}`;
    const faults = [
      ...validateMessages(validation, pointer),
      ...validateWhen(validation.when, `${pointer}/when`),
    ];
    const { name } = validation;
    if (name === undefined) return faults;
    // The name is part of a file's name: fail/<name>--<case>.yaml.
    if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name)) {
      faults.push(error(`${pointer}/name`, `"${name}" must be lower case words joined by single hyphens.`));
    }
    if (names.has(name)) faults.push(error(`${pointer}/name`, `A second validation named "${name}".`));
    names.add(name);
    return faults;
  });
}

function validateWhen(
  when: { readonly [key: string]: string } | undefined,
  pointer: string,
): DocumentFault[] {
  const parsed = parseWhen(when ?? {});
  if (!isWhenErrors(parsed)) return [];
  return parsed.map(({ key, message }) => error(pointer + pointerStep(key), message));
}

function validateDeprecation({ deprecation }: NativeSpec): DocumentFault[] {
  const { removal } = deprecation ?? {};
  if (removal === undefined || isDay(removal)) return [];
  return [error('/spec/deprecation/removal', `"${removal}" is no day. Write YYYY-MM-DD.`)];
}

function validateNarrower(spec: NativeSpec): DocumentFault[] {
  const known = equivalentsOf(spec);
  return (spec.narrower ?? []).flatMap((check, i) =>
    known.includes(check)
      ? []
      : [error(`/spec/narrower/${i}`, `"${check}" is not among the equivalents. Name it there, too.`)],
  );
}

function validateFrameworks({ frameworks = {} }: NativeSpec): DocumentFault[] {
  return Object.entries(frameworks).flatMap(([name, value]) =>
    'ids' in value ? validateWhen(value.when, `/spec/frameworks${pointerStep(name)}/when`) : [],
  );
}

function partsOf({ metadata, spec }: NativeSource, settings: Settings): PolicyParts {
  const id = metadata.name;
  return {
    id,
    variant: '',
    dialect: 'native',
    info: infoOf(id, spec, settings),
    sets: spec.sets ?? [],
    subject: spec.pods === undefined ? 'object' : 'pod',
    template: null,
    match: matchOf(spec),
    filter: null,
    matchConditions: (spec.matchConditions ?? []).map(({ name, expression }, i) => ({
      name,
      expression: at(expression, `/spec/matchConditions/${i}/expression`),
    })),
    failurePolicy: spec.failurePolicy ?? 'Fail',
    paramKind: null,
    ...(spec.related === undefined || spec.related.length === 0
      ? {}
      : { related: lookupsOf(spec.related, '/spec/related') }),
    variables: (spec.variables ?? []).map(({ name, expression }, i) => ({
      name,
      expression: at(expression, `/spec/variables/${i}/expression`),
    })),
    validations: validationsOf(spec, settings),
    auditAnnotations: [],
    budget: KUBERNETES_BUDGET,
    mutations: [],
    targets: null,
    reinvocation: 'Never',
    lazyMessages: true,
    firstFailureOnly: false,
    conditionsSeeAll: false,
    exceptions: [],
  };
}

function infoOf(id: string, spec: NativeSpec, settings: Settings): PolicyParts['info'] {
  return {
    id,
    title: spec.title,
    severity: spec.severity,
    kind: 'HardeningPolicy',
    ...(spec.layer === undefined ? {} : { layer: spec.layer }),
    ...(spec.owner === undefined ? {} : { owner: spec.owner }),
    ...(spec.description === undefined ? {} : { description: spec.description }),
    ...(spec.remediation === undefined ? {} : { remediation: remedyOf(spec.remediation) }),
    frameworks: frameworksOf(spec, settings),
    equivalents: equivalentsOf(spec),
    ...(spec.narrower === undefined ? {} : { narrower: spec.narrower }),
    ...(spec.conceal === true ? { conceal: true } : {}),
    ...(spec.deprecation === undefined ? {} : { deprecation: spec.deprecation }),
  };
}

/** Of the policy and of its validations, each once. */
function equivalentsOf({ equivalents = [], validations }: NativeSpec): string[] {
  return [...new Set([...equivalents, ...validations.flatMap((validation) => validation.equivalents ?? [])])];
}

/** Only the memberships that hold under the settings. */
function frameworksOf(
  { frameworks = {} }: NativeSpec,
  settings: Settings,
): Record<string, readonly string[]> {
  // From entries, so that a framework named `__proto__` is one like others.
  return Object.fromEntries(
    Object.entries(frameworks).flatMap(([name, value]): [string, readonly string[]][] => {
      if (!('ids' in value)) return [[name, value as readonly string[]]];
      return applies(value.when, settings) ? [[name, value.ids ?? []]] : [];
    }),
  );
}

function applies(when: { readonly [key: string]: string } | undefined, settings: Settings): boolean {
  const parsed = parseWhen(when ?? {});
  return !isWhenErrors(parsed) && holds(parsed, settings);
}

function matchOf({ pods, matchConstraints = {} }: NativeSpec): MatchResources {
  const match = compileMatch(matchConstraints);
  if (pods === undefined || match.resourceRules.length > 0) return match;
  const carriers = carriersOf(pods.controllers);
  return { ...match, resourceRules: 'carriers' in carriers ? rulesOf(carriers.carriers) : [] };
}

function validationsOf(spec: NativeSpec, settings: Settings): PolicyParts['validations'] {
  return spec.validations.flatMap((validation, i) => {
    if (!applies(validation.when, settings)) return [];
    const { name, expression, message, messageExpression, equivalents = [] } = validation;
    const pointer = `/spec/validations/${i}`;
    return [
      {
        name: name ?? `validations[${i}]`,
        named: name !== undefined,
        expression: at(expression, `${pointer}/expression`),
        message: message ?? '',
        messageExpression:
          messageExpression === undefined ? null : at(messageExpression, `${pointer}/messageExpression`),
        reason: 'Invalid' as const,
        at: validation.at === undefined ? null : at(validation.at, `${pointer}/at`),
        ...(equivalents.length === 0 ? {} : { equivalents }),
      },
    ];
  });
}

function at(text: string, pointer: string): Expression {
  return { text, pointer };
}
