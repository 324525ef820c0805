/** What of a policy decides, check by check, as text to be compared: not how it is written, explained or ordered. */
import { parse } from '../cel/parser.ts';
import { print } from '../cel/print.ts';
import type { CompiledPolicy, Expression, Validation, Variable } from './form.ts';

/** What all mutations of a policy are called as one check: they are made together, or not at all. */
export const MUTATION = 'mutation';

/**
 * A text for each validation of one policy, by its name, in which two forms of it differ if they can decide differently;
 * for its mutations one, where it has any. Variables count where they are used, so that a new check leaves the others as
 * they were.
 *
 * @param readings Of one id.
 */
export function checkForms(readings: readonly CompiledPolicy[]): ReadonlyMap<string, string> {
  const forms = new Map<string, string[]>();
  for (const policy of readings) {
    const shared = sharedForm(policy);
    for (const validation of policy.validations) {
      const form = JSON.stringify([shared, validationForm(validation, policy.variables)]);
      forms.set(validation.name, [...(forms.get(validation.name) ?? []), form]);
    }
    if (policy.mutations.length > 0)
      forms.set(MUTATION, [...(forms.get(MUTATION) ?? []), JSON.stringify([shared, mutationForm(policy)])]);
  }
  return new Map([...forms].map(([name, parts]) => [name, parts.sort().join('\n')]));
}

/**
 * A text in which two forms of one policy differ if they can decide, change or annotate differently.
 *
 * @param readings Of one id.
 */
export function meaningOf(readings: readonly CompiledPolicy[]): string {
  const forms = readings.map((policy) => {
    const { variables } = policy;
    return sorted([
      policy.variant,
      sharedForm(policy),
      policy.validations.map((validation) => [validation.name, validationForm(validation, variables)]),
      policy.auditAnnotations.map(({ key, valueExpression }) => [
        key,
        expressionForm(valueExpression, variables),
      ]),
      mutationForm(policy),
      policy.related ?? [],
    ]);
  });
  return JSON.stringify(forms.map((form) => JSON.stringify(form)).sort());
}

function mutationForm({ variant, mutations, targets, reinvocation, variables }: CompiledPolicy): unknown {
  return sorted([
    variant,
    mutations.map(({ expression, ...how }) => [how, expressionForm(expression, variables)]),
    targets,
    reinvocation,
  ]);
}

function expressionForm(expression: Expression, variables: readonly Variable[]): unknown {
  return [normal(expression), used(expression, variables)];
}

/** Which objects, under which circumstances, with what consequence. */
function sharedForm(policy: CompiledPolicy): unknown {
  const { match, filter, subject, template, conditionsSeeAll, failurePolicy, paramKind, budget } = policy;
  return sorted({
    match,
    filter,
    subject,
    template,
    conditionsSeeAll,
    failurePolicy,
    paramKind,
    budget,
    firstFailureOnly: policy.firstFailureOnly,
    conditions: policy.matchConditions.map(({ expression }) => normal(expression)),
    exceptions: policy.exceptions.map(({ matchConditions, images, allowedValues, result }) => ({
      conditions: matchConditions.map(({ expression }) => normal(expression)),
      images,
      allowedValues,
      result,
    })),
    bindings: policy.bindings.map(({ name: _, ...binding }) => binding),
    variables: policy.matchConditions.flatMap(({ expression }) => used(expression, policy.variables)),
  });
}

function validationForm({ expression, reason }: Validation, variables: readonly Variable[]): unknown {
  return [normal(expression), reason, used(expression, variables)];
}

/** The variables an expression hangs on, directly or by way of others. */
function used({ text }: Expression, variables: readonly Variable[]): unknown[] {
  const found = new Map<string, Variable>();
  const visit = (source: string): void => {
    for (const variable of variables) {
      if (found.has(variable.name) || !mentions(source, variable.name)) continue;
      found.set(variable.name, variable);
      visit(variable.expression.text);
    }
  };
  visit(text);
  return [...found.values()]
    .map(({ name, expression }) => [name, normal(expression)])
    .sort(([a], [b]) => (a! < b! ? -1 : 1));
}

/** Also where it stands for something else: one variable more only makes two forms differ. */
function mentions(text: string, name: string): boolean {
  return new RegExp(`(?<![\\w$])${name.replace(/[^\w]/g, '\\$&')}(?![\\w$])`).test(text);
}

/** Without comments, and with the same spaces and quotes everywhere. */
function normal({ text }: Expression): string {
  const parsed = parse(text);
  return 'ast' in parsed ? print(parsed.ast) : text;
}

/** Keys in one order, so that the text does not hang on how an object was made. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value === 'bigint') return { int: String(value) };
  if (value instanceof Number) return { double: Number(value) };
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value)
    .filter(([, field]) => field !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, field]) => [key, sorted(field)]));
}
