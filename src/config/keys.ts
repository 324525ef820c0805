/**
 * Everything that rampart.yaml may say: one entry a key. Schema, types, variables, `config show`, the reference page and
 * the JSON Schema for editors derive from it; a flag names its key (src/cli).
 */
import { SEVERITIES } from '../model/index.ts';
import { COMMIT, ENVIRONMENT, GLOB, NAMESPACE, NAMESPACES, PATH, POD_PATH, VERSION } from './forms.ts';
import {
  choice,
  choices,
  entries,
  type Form,
  followed,
  type Kind,
  list,
  percentage,
  records,
  releases,
  stageRules,
  text,
  tierSettings,
  truth,
  truthOr,
} from './kinds.ts';
import type { Vocabulary } from './vocabulary.ts';

export interface Key<T = unknown> {
  readonly kind: Kind<T>;
  /** A sentence or two. */
  readonly doc: string;
  /** What holds when nobody says anything; absent: nothing does. */
  readonly default?: T;
  readonly example: T;
  /** Which sections may set it beside the file itself; `path`: both. */
  readonly scope: 'file' | 'environment' | 'path';
  /** How a value of the file depends on the folder of the file. */
  readonly relative?: 'path' | 'glob' | 'releases';
}

/** Keeps the type of the value. */
function key<T>(definition: Key<T>): Key<T> {
  return definition;
}

/** The keys by name, in the order in which they are documented and shown. */
export function keysOf({ formats, selectionKeys, settings }: Vocabulary) {
  const term: Form = {
    pattern: new RegExp(`^(${selectionKeys.join('|')})=.*\\S`),
    expected: `KEY=VALUE with a key of ${selectionKeys.join(', ')}`,
  };
  return {
    policies: key({
      kind: list(PATH, 'a list of paths'),
      doc: 'Policies to apply: `builtin`, files, folders.',
      default: ['builtin'],
      example: ['builtin', 'policies/'],
      scope: 'environment',
      relative: 'path',
    }),
    select: key({
      kind: list(term, 'a list of KEY=VALUE'),
      doc: 'Only policies that have all of these; values joined by commas are alternatives.',
      default: [],
      example: ['framework=pss-restricted'],
      scope: 'path',
    }),
    skip: key({
      kind: list(term, 'a list of KEY=VALUE'),
      doc: 'Policies left out, with the keys of `select`.',
      default: [],
      example: ['id=workload-image-latest,workload-image-not-pinned'],
      scope: 'path',
    }),
    settings: key({
      kind: entries(Object.keys(settings), VERSION),
      doc: `Settings of policies. ${Object.entries(settings)
        .map(([name, { doc }]) => `\`${name}\`: ${doc}`)
        .join(' ')}`,
      default: Object.fromEntries(Object.keys(settings).map((name) => [name, 'latest'])),
      example: { 'kubernetes.version': 'v1.34' },
      scope: 'path',
    }),
    severity: key({
      kind: choices({ pattern: /\S/, expected: 'the id of a policy' }, SEVERITIES),
      doc: 'Another severity for a policy, by its id: in results, for `failOn` and for `select`.',
      default: {},
      example: { 'workload-image-latest': 'high' },
      scope: 'path',
    }),
    stages: key({
      kind: stageRules(term, NAMESPACES),
      doc:
        'What admission does with what policies find: `audit` counts, `warn` warns, `enforce` denies. `select` says which ' +
        'policies, with the keys of `select` above; `scope` where: all of `tiers`, `namespaces` and `percent` of the namespaces ' +
        'must hold. Of several the last one counts; a policy without any is audit.',
      default: [],
      example: [
        { select: ['framework=pss-baseline'], stage: 'warn' },
        { select: ['framework=pss-baseline'], stage: 'enforce', scope: { tiers: ['low'], percent: 25 } },
      ],
      scope: 'environment',
    }),
    tiers: key({
      kind: tierSettings(NAMESPACE),
      doc: 'How much namespaces matter, `low`, `medium` or `high`: by name, and by `default` all others. Scopes of `stages` ask for it.',
      default: { default: 'high' },
      example: { default: 'medium', namespaces: { payments: 'high', sandbox: 'low' } },
      scope: 'environment',
    }),
    failOn: key({
      kind: choice([...SEVERITIES, 'none']),
      doc: 'Least severity of a violation that makes the exit code 1.',
      default: 'low',
      example: 'high',
      scope: 'path',
    }),
    baseline: key({
      kind: text(PATH),
      doc: 'File with the findings that are known: they are listed, and fail no run.',
      example: 'rampart-baseline.yaml',
      scope: 'environment',
      relative: 'path',
    }),
    allowBelow: key({
      kind: choice(SEVERITIES),
      doc: 'Comments and annotations of manifests excuse only what is less severe than this.',
      default: 'high',
      example: 'medium',
      scope: 'environment',
    }),
    changed: key({
      kind: truthOr(COMMIT),
      doc:
        'Only findings on lines or resources that changed since the branch left this commit; `true`: since it left what it ' +
        'is to be merged into.',
      default: false,
      example: 'main',
      scope: 'environment',
    }),
    unsupported: key({
      kind: records(['policy', 'reason']),
      doc:
        'Policies that this version cannot run, acknowledged by name: they are counted in the summary and no longer fail ' +
        'the run. Names are those that results give.',
      default: [],
      example: [{ policy: 'verify-images', reason: 'the registry verifies signatures' }],
      scope: 'environment',
    }),
    exclude: key({
      kind: list(GLOB, 'a list of globs'),
      doc: 'Files left out; a glob without a slash matches the name at any depth.',
      default: [],
      example: ['vendor/**', '*.generated.yaml'],
      scope: 'environment',
      relative: 'glob',
    }),
    strict: key({
      kind: truth(),
      doc: 'What is not Kubernetes is an error.',
      default: false,
      example: true,
      scope: 'environment',
    }),
    namespace: key({
      kind: text(NAMESPACE),
      doc: 'Namespace of namespaced objects that name none.',
      default: 'default',
      example: 'shop',
      scope: 'path',
    }),
    defaults: key({
      kind: truth(),
      doc: 'Whether policies see what the API server fills in before admission.',
      default: true,
      example: false,
      scope: 'environment',
    }),
    helm: key({
      kind: releases(GLOB, PATH, VERSION),
      doc:
        'How charts are rendered: by their folder, a glob, without a slash at any depth; the last that matches counts. In ' +
        '`environments` what is added there; a scan renders every environment, or the one that `--environment` chooses. ' +
        '`--values` replaces all of it.',
      default: {},
      example: { 'charts/web': { values: ['charts/web/values-prod.yaml'], kubeVersion: 'v1.34' } },
      scope: 'environment',
      relative: 'releases',
    }),
    repositories: key({
      kind: list({ pattern: /^\S+$/, expected: 'a URL' }, 'a list of URLs'),
      doc: 'URLs by which Argo CD and Flux know this repository, beside those of its remotes.',
      default: [],
      example: ['https://git.example/shop/delivery'],
      scope: 'environment',
    }),
    podPaths: key({
      kind: list(POD_PATH, 'a list of KIND.GROUP=PATH'),
      doc: 'Where objects of custom kinds carry pod templates; `[*]` stands for all items of a list.',
      default: [],
      example: ['Rollout.argoproj.io=spec.template'],
      scope: 'environment',
    }),
    context: key({
      kind: list(PATH, 'a list of paths'),
      doc: 'Files and folders with namespaces and parameter objects of the cluster.',
      default: [],
      example: ['cluster/namespaces.yaml'],
      scope: 'environment',
      relative: 'path',
    }),
    schemas: key({
      kind: list(PATH, 'a list of paths'),
      doc: 'Files and folders with CustomResourceDefinitions.',
      default: [],
      example: ['crds/'],
      scope: 'environment',
      relative: 'path',
    }),
    userinfo: key({
      kind: text(PATH),
      doc: 'File that says who makes the requests.',
      example: 'ci/user.yaml',
      scope: 'environment',
      relative: 'path',
    }),
    answers: key({
      kind: text(PATH),
      doc: 'File with answers that only a cluster can give.',
      example: 'ci/answers.yaml',
      scope: 'environment',
      relative: 'path',
    }),
    format: key({
      kind: choice(formats),
      doc: 'What `rampart scan` prints on standard output.',
      default: 'pretty',
      example: 'sarif',
      scope: 'environment',
    }),
    output: key({
      kind: entries(formats, PATH),
      doc: 'Reports that `rampart scan` also writes: files by format.',
      default: {},
      example: { sarif: 'rampart.sarif' },
      scope: 'environment',
      relative: 'path',
    }),
    follow: key({
      kind: followed(PATH),
      doc:
        'How `serve` follows policies of Git (`git::…` in `policies`). `pollSeconds`: time between two looks at the ref, 60 ' +
        'unless given. `requireSigned`: file with the keys that may sign commits, allowed signers of ssh-keygen or armoured ' +
        'OpenPGP keys; others are refused. `webhookSecretFile`: file with the secret by which a forge says that it was pushed to.',
      default: {},
      example: { pollSeconds: 30, requireSigned: 'ci/allowed-signers' },
      scope: 'environment',
      relative: 'path',
    }),
    coverageMin: key({
      kind: percentage(),
      doc: 'Percentage of policies with passing and failing cases below which `rampart test` fails.',
      default: 0,
      example: 100,
      scope: 'environment',
    }),
  } satisfies Record<string, Key>;
}

export type Keys = ReturnType<typeof keysOf>;
export type KeyName = keyof Keys;

/** What the names of sections look like. */
export const SECTION_NAMES = { environments: ENVIRONMENT, paths: GLOB } as const;
