/** A report made by hand, with everything a format must be able to show, and a hostile one. */
import type { PolicyInfo, Report, Reported, Summary } from '../../src/model/index.ts';

export const SOURCE = `apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
    - name: app
      image: "registry.example/web:1"
      securityContext: {privileged: true}
`;

export const SOURCES: Readonly<Record<string, string>> = {
  'shop/web.yaml': SOURCE,
  'shop/long.yaml': `apiVersion: v1\n${'x'.repeat(300)}: {privileged: true, ${'y'.repeat(300)}: 1}\n`,
};

const privileged: PolicyInfo = {
  id: 'pss-privileged',
  title: 'Privileged containers',
  severity: 'high',
  kind: 'HardeningPolicy',
  layer: 'kubernetes',
  owner: 'platform-security',
  description: 'Forbidden: securityContext.privileged true.\n\nAllowed: false, or absent.',
  remediation:
    'Remove securityContext.privileged, or set it to false. Grant the one capability that is needed instead:\n\n    capabilities: {add: [NET_BIND_SERVICE]}\n',
  frameworks: { 'pss-baseline': ['privileged'], 'cis-kubernetes': ['5.2.2'] },
  equivalents: ['KSV-0017'],
};

const foreign: PolicyInfo = {
  id: 'require-team',
  title: 'require-team',
  severity: 'medium',
  kind: 'ValidatingAdmissionPolicy',
};

const pod = { apiVersion: 'v1', kind: 'Pod', namespace: 'default', name: 'web' };

export const RESULTS: readonly Reported[] = [
  {
    policy: null,
    severity: 'medium',
    verdict: 'error',
    action: 'deny',
    reason: 'unreadable-document',
    detail: 'expected the end of the flow mapping, got a block entry',
    resource: null,
    origin: { file: 'shop/broken.yaml', line: 3, column: 5 },
    fails: true,
    fingerprint: '00',
    help: 'Mend the document, or leave the file out with --exclude.',
  },
  {
    policy: 'require-team',
    validation: 'validations[0]',
    severity: 'medium',
    verdict: 'violation',
    action: 'warn',
    reason: 'validation-failed',
    detail: 'the label team is missing',
    resource: pod,
    origin: { file: 'shop/web.yaml', line: 3, column: 1 },
    path: '/metadata/labels/team',
    fails: true,
    fingerprint: '01',
  },
  {
    policy: 'pss-privileged',
    validation: 'privileged',
    severity: 'high',
    verdict: 'violation',
    action: 'deny',
    reason: 'validation-failed',
    detail: 'container "app" must not set securityContext.privileged to true',
    resource: pod,
    origin: { file: 'shop/web.yaml', line: 9, column: 25 },
    path: '/spec/containers/0/securityContext/privileged',
    fails: true,
    fingerprint: '02',
  },
  {
    policy: 'require-team',
    severity: 'medium',
    verdict: 'error',
    action: 'deny',
    reason: 'evaluation-failed',
    detail: 'no such key: labels',
    resource: pod,
    origin: { file: 'shop/web.yaml', line: 3, column: 1 },
    fails: true,
    fingerprint: '03',
  },
  {
    policy: 'require-team',
    severity: 'medium',
    verdict: 'error',
    action: 'deny',
    reason: 'evaluation-failed',
    detail: 'no such key: labels',
    resource: { ...pod, name: 'other' },
    origin: { file: 'shop/web.yaml', line: 4, column: 3 },
    fails: true,
    fingerprint: '04',
  },
];

export const SUMMARY: Summary = {
  files: 3,
  resources: 2,
  policies: 2,
  notKubernetes: 1,
  verdicts: { pass: 1204, violation: 2, error: 3, skip: 4, exempted: 0 },
  severities: { critical: 0, high: 1, medium: 1, low: 0, info: 0 },
  known: 0,
  staged: { audit: 0, warn: 0 },
  unchanged: null,
  undecided: [
    {
      policy: 'require-team',
      verdict: 'error',
      reason: 'evaluation-failed',
      detail: 'no such key: labels',
      count: 2,
    },
    {
      policy: 'who-may',
      verdict: 'skip',
      reason: 'needs-user',
      detail: 'request.userInfo is not known; give --userinfo',
      count: 4,
    },
  ],
  failOn: 'low',
  failing: 2,
  exitCode: 3,
};

export const REPORT: Report = {
  results: RESULTS,
  summary: SUMMARY,
  policies: new Map([privileged, foreign].map((info) => [info.id, info])),
  notices: ['require-team has no binding; it is evaluated as if bound everywhere with Deny.'],
};

const [, ofTeam, ofPrivileged] = RESULTS as [Reported, Reported, Reported, ...Reported[]];

/** What a gate lists without failing the run, beside one new violation that does. */
export const GATED_REPORT: Report = {
  ...REPORT,
  notices: [],
  results: [
    { ...ofTeam, stage: 'warn', fails: undefined, fingerprint: '11' },
    { ...ofTeam, stage: 'audit', fails: undefined, resource: { ...pod, name: 'second' }, fingerprint: '12' },
    { ...ofTeam, severity: 'low', fails: undefined, resource: { ...pod, name: 'third' }, fingerprint: '13' },
    ofPrivileged,
    { ...ofPrivileged, known: true, fails: undefined, resource: { ...pod, name: 'old' }, fingerprint: '14' },
    {
      ...ofPrivileged,
      verdict: 'exempted',
      reason: 'exempted',
      detail:
        'container "app" is privileged (allowed until 2027-01-31 at shop/web.yaml:8: moves next quarter)',
      fails: undefined,
      resource: { ...pod, name: 'excused' },
      environments: ['prod', 'staging'],
      note: 'values-prod.yaml:3',
      fingerprint: '15',
    },
  ].map(
    (result) =>
      Object.fromEntries(
        Object.entries(result).filter(([, value]) => value !== undefined),
      ) as unknown as Reported,
  ),
  summary: {
    ...SUMMARY,
    verdicts: { pass: 1204, violation: 5, error: 0, skip: 0, exempted: 1 },
    severities: { critical: 0, high: 1, medium: 0, low: 1, info: 0 },
    known: 1,
    staged: { audit: 1, warn: 1 },
    unchanged: 7,
    undecided: [],
    failOn: 'medium',
    failing: 1,
    exitCode: 1,
  },
};

/** Every kind of character that may not reach a terminal, as one string. */
export const HOSTILE =
  '<b onclick=x>&amp;</script><!--]]>`*_[x](http://evil.example)@everyone #1 ::error::x ##vso[task] ##[group]' +
  'a\x1b[31mred\x1b]0;title\x07\x9b2J\u202egnp\u2066x\u200b\u2028\u0085\x00\u{e0041}' +
  String.fromCharCode(0xd800);

/** The same report with hostile text in every place that input reaches. */
export const HOSTILE_REPORT: Report = {
  ...REPORT,
  notices: [HOSTILE],
  policies: new Map([
    [
      HOSTILE,
      {
        ...privileged,
        id: HOSTILE,
        title: HOSTILE,
        remediation: HOSTILE,
        description: HOSTILE,
        owner: HOSTILE,
        equivalents: [HOSTILE],
        frameworks: { [HOSTILE]: [HOSTILE] },
      },
    ],
  ]),
  summary: {
    ...SUMMARY,
    undecided: [{ policy: HOSTILE, verdict: 'skip', reason: 'needs-user', detail: HOSTILE, count: 1 }],
  },
  results: RESULTS.map((result) => ({
    ...result,
    ...(result.policy === null ? {} : { policy: HOSTILE }),
    ...(result.validation === undefined ? {} : { validation: HOSTILE }),
    ...(result.path === undefined ? {} : { path: `/${HOSTILE}` }),
    ...(result.help === undefined ? {} : { help: HOSTILE, excerpt: `${HOSTILE}\n  ^` }),
    detail: HOSTILE,
    resource:
      result.resource === null
        ? null
        : { apiVersion: HOSTILE, kind: HOSTILE, namespace: HOSTILE, name: HOSTILE },
    origin: { file: `${HOSTILE}.yaml`, line: 1, column: 3 },
  })),
};
