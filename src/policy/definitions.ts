/** Kinds of Rampart as a cluster has to know them: CustomResourceDefinitions, made from the shapes that documents are read by. */
import { exemptionShape } from './dialects/native/exemption.ts';
import { nativeShape } from './dialects/native/shape.ts';
import { list, type ObjectShape, object, open, text } from './shape/shape.ts';
import { structuralSchema } from './shape/structural.ts';

interface Column {
  readonly name: string;
  readonly type: 'string' | 'date';
  readonly jsonPath: string;
  /** 1: only where more is asked for (`-o wide`). */
  readonly priority?: 1;
}

interface Kind {
  readonly kind: string;
  readonly plural: string;
  readonly shortNames: readonly string[];
  readonly scope: 'Cluster' | 'Namespaced';
  readonly shape: ObjectShape;
  readonly columns: readonly Column[];
}

const READY = '.status.conditions[?(@.type=="Ready")].status';
const AGE: Column = { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' };

const KINDS: readonly Kind[] = [
  {
    kind: 'HardeningPolicy',
    plural: 'hardeningpolicies',
    shortNames: ['hpol'],
    scope: 'Cluster',
    shape: nativeShape,
    columns: [
      { name: 'Severity', type: 'string', jsonPath: '.spec.severity' },
      { name: 'Stage', type: 'string', jsonPath: '.status.stage' },
      { name: 'Ready', type: 'string', jsonPath: READY },
      { name: 'Owner', type: 'string', jsonPath: '.spec.owner' },
      { name: 'Title', type: 'string', jsonPath: '.spec.title', priority: 1 },
      AGE,
    ],
  },
  {
    kind: 'PolicyExemption',
    plural: 'policyexemptions',
    shortNames: ['pex'],
    scope: 'Namespaced',
    shape: exemptionShape,
    columns: [
      { name: 'Policy', type: 'string', jsonPath: '.spec.policy' },
      { name: 'Expires', type: 'string', jsonPath: '.spec.expires' },
      { name: 'Ready', type: 'string', jsonPath: READY },
      { name: 'Reason', type: 'string', jsonPath: '.spec.reason', priority: 1 },
      AGE,
    ],
  },
];

/** What Rampart says of an object; conditions as the API conventions of Kubernetes have them (metav1.Condition). */
const status = open('Written by Rampart.', {
  stage: text('What the policy does now: audit, warn or enforce.'),
  conditions: list(
    object(
      'A condition.',
      {
        type: text('Which: Ready, …'),
        status: text('True, False or Unknown.'),
        observedGeneration: { type: 'integer', doc: 'Generation of the object that it is about.' },
        lastTransitionTime: text('When the status changed, RFC 3339.'),
        reason: text('Why, in a word.'),
        message: text('Why, in a sentence.'),
      },
      ['type', 'status', 'lastTransitionTime', 'reason', 'message'],
    ),
    'Conditions, one of a type.',
  ),
});

/** By file name below deploy/crds. */
export function customResourceDefinitions(): Readonly<Record<string, object>> {
  return Object.fromEntries(KINDS.map((kind) => [`${kind.plural}.yaml`, definition(kind)]));
}

function definition({ kind, plural, shortNames, scope, shape, columns }: Kind): object {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.rampart.dev` },
    spec: {
      group: 'rampart.dev',
      scope,
      names: {
        kind,
        listKind: `${kind}List`,
        plural,
        singular: kind.toLowerCase(),
        shortNames,
        categories: ['rampart'],
      },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          subresources: { status: {} },
          additionalPrinterColumns: columns,
          schema: { openAPIV3Schema: schemaOf(shape) },
        },
      ],
    },
  };
}

/** The API server knows the fields of metadata, and allows a schema to say no more of it than its type. */
function schemaOf(shape: ObjectShape): object {
  const { spec } = shape.fields;
  const conditions = structuralSchema(status) as { properties: { conditions: object } };
  Object.assign(conditions.properties.conditions, {
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': ['type'],
  });
  return {
    description: shape.doc,
    type: 'object',
    required: ['spec'],
    properties: {
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      metadata: { type: 'object' },
      spec: structuralSchema(spec!),
      status: conditions,
    },
  };
}
