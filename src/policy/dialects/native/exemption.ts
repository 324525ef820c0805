/** PolicyExemption (rampart.dev/v1): who is excused from what, until when, and why. */
import type { Exemption, Resource } from '../../../model/index.ts';
import { read } from '../../shape/read.ts';
import { list, object, open, text } from '../../shape/shape.ts';
import { type DocumentFault, error, ofShape } from '../fault.ts';
import { isDay } from './day.ts';

export const exemptionShape = object(
  'An exemption. Its namespace is where it counts; for cluster-scoped objects that is `rampart`.',
  {
    apiVersion: text('rampart.dev/v1.'),
    kind: text('PolicyExemption.'),
    metadata: open('Object metadata.', {
      name: text('Name.'),
      namespace: text('Namespace of the objects it covers.'),
    }),
    spec: object(
      'What is exempted.',
      {
        policy: text('The policy.'),
        validations: list(text('A validation.'), 'Only these validations of the policy; without it: all.'),
        match: object(
          'Which objects.',
          {
            kinds: list(text('Kind.'), 'Kinds of objects: `Deployment`.'),
            names: list(text('A name.'), 'Names. A pattern of the whole name may hold `*`, not alone.'),
          },
          ['kinds', 'names'],
        ),
        reason: text('Why, for whoever reads it in a year.'),
        ticket: text('Where it was asked for.'),
        created: text('The day it was written: YYYY-MM-DD.'),
        expires: text('The last day it counts: YYYY-MM-DD, in UTC.'),
      },
      ['policy', 'match', 'reason', 'expires'],
    ),
    status: open('Written by Rampart.', {}),
  },
  ['metadata', 'spec'],
);

export function loadExemption(resource: Resource): { value?: Exemption; faults: DocumentFault[] } {
  const { value, issues } = read(exemptionShape, resource.object);
  const faults = issues.map((issue) => ofShape(issue, 'error'));
  if (faults.length > 0) return { faults };
  const { metadata, spec } = value;
  const { policy, validations = [], match, reason, ticket, created, expires } = spec;
  const { name = '', namespace = '' } = metadata;
  if (namespace === '')
    faults.push(error('/metadata/namespace', 'An exemption counts in one namespace: name it.'));
  for (const [pointer, day] of Object.entries({ '/spec/created': created, '/spec/expires': expires }))
    if (day !== undefined && !isDay(day))
      faults.push(error(pointer, `"${day}" is no day. Write YYYY-MM-DD.`));
  if (reason.trim() === '') faults.push(error('/spec/reason', 'A reason is required.'));
  const { kinds, names } = match;
  if (kinds.length === 0) faults.push(error('/spec/match/kinds', 'At least one kind is required.'));
  if (names.length === 0) faults.push(error('/spec/match/names', 'At least one name is required.'));
  for (const [i, pattern] of names.entries())
    if (pattern.replaceAll('*', '') === '')
      faults.push(error(`/spec/match/names/${i}`, 'A name or pattern must hold more than "*".'));
  if (faults.length > 0) return { faults };
  const { file, line } = resource.origin;
  return {
    value: {
      name,
      namespace,
      policy,
      validations,
      kinds,
      names,
      reason: reason.trim(),
      ticket,
      expires,
      origin: { file, line, column: 1 },
    },
    faults,
  };
}
