/** What Kyverno says (question.go). */
import type { AdmissionRequest } from '../../../src/policy/index.ts';
import { kyverno } from '../interop.ts';
import type { Case } from './cases.ts';
import type { Said, Subject } from './compare.ts';
import { verdictsOf } from './ours.ts';
import { sent } from './requests.ts';
import type { JsonMap } from './resources.ts';
import { KINDS, NAMESPACES, OBJECTS } from './world.ts';

export interface Answer {
  readonly rules: readonly {
    readonly name: string;
    readonly status: string;
    readonly message: string;
    readonly properties: Readonly<Record<string, string>> | null;
  }[];
  readonly allowed: boolean;
  readonly message: string;
  readonly warnings: readonly string[] | null;
  readonly object?: JsonMap;
}

export type Answers = readonly Answer[] | { readonly refused: string } | { readonly panic: string };

/** A policy and what it is asked about. */
export interface Asked<S extends Subject> {
  readonly of: Case;
  readonly subjects: readonly S[];
}

const RULE_EXCEPTION = 'kyverno.io/v2';

/** What the program can be asked (main.go). */
export type Command = 'validating' | 'mutating' | 'existing' | 'cluster';

/** One command of the program for all policies, each with its requests. */
export function askKyverno(command: Command, asked: readonly Asked<Subject>[]): Promise<Answers[]> {
  return kyverno.ask<Answers>(
    command,
    asked.map(({ of, subjects }) => ({
      policy: of.policy,
      exceptions: of.exceptions.filter(({ apiVersion }) => apiVersion !== RULE_EXCEPTION),
      ruleExceptions: of.exceptions.filter(({ apiVersion }) => apiVersion === RULE_EXCEPTION),
      namespaces: NAMESPACES,
      objects: OBJECTS,
      kinds: KINDS,
      requests: subjects.map((subject) =>
        subject === null ? {} : 'payload' in subject ? subject : sent(subject),
      ),
    })),
  );
}

/** An object that is not changed does not come back. */
export function saidOfChange(answer: Answer, { object }: AdmissionRequest): Said {
  return { object, ...saidOf(answer) };
}

/** By verdict alone. */
export function saidOfRules(answer: Answer): Said {
  const { rules, allowed } = saidOf(answer);
  return { rules: verdictsOf(rules), allowed, warned: false };
}

/** What became of each object that was chosen, in the order of their places. */
export function saidOfExisting(answer: Answer): Said {
  const places = answer.rules.map(({ name }) => name);
  const said = saidOf(answer);
  const rules = said.rules
    .map((rule, i) => ({ ...rule, properties: { ...rule.properties, place: places[i]! } }))
    .sort((a, b) => (a.properties.place < b.properties.place ? -1 : 1));
  return { ...said, rules, object: answer.object ?? {} };
}

export function saidOf({ rules, allowed, warnings, object }: Answer): Said {
  return {
    rules: rules.map(({ status, message, properties }) => ({
      status,
      message,
      properties: properties ?? {},
    })),
    allowed,
    warned: (warnings ?? []).length > 0,
    ...(object === undefined ? {} : { object }),
  };
}
