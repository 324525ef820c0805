/** Which objects are policies, and what becomes of each kind. */
import { didYouMean } from '../nearest.ts';
import { parseApiVersion } from '../request.ts';
import { SET_ASIDE } from './set-aside.ts';

export type Role =
  | 'native'
  | 'exemption'
  | 'vap'
  | 'vap-binding'
  | 'map'
  | 'map-binding'
  | 'gatekeeper-template'
  | 'gatekeeper-constraint'
  | 'gatekeeper-expansion'
  | 'kyverno-validating'
  | 'kyverno-mutating'
  | 'kyverno-exception'
  | 'kyverno-rules'
  | 'kyverno-rule-exception'
  /** A policy of a kind or version that is not run: refused by name. */
  | {
      readonly unsupported: string;
      readonly help: string;
      /** The change after which it runs, where one is enough. */
      readonly convertible?: string;
    }
  /** Not a policy: may serve as namespace or parameters. */
  | 'object';

const VAP_VERSIONS = ['v1', 'v1beta1'];
const MAP_VERSIONS = ['v1', 'v1beta1', 'v1alpha1'];
const TEMPLATE_VERSIONS = ['v1', 'v1beta1', 'v1alpha1'];
const RULES_VERSIONS = ['v1', 'v2beta1'];
const KYVERNO_VERSIONS = ['v1', 'v1beta1', 'v1alpha1'];
const CONSTRAINT_VERSIONS = ['v1beta1', 'v1alpha1'];

/** Groups whose every kind is policy or belongs to one. */
const FOREIGN_GROUPS: Readonly<Record<string, string>> = {
  'kyverno.io': 'Kyverno',
  'policies.kyverno.io': 'Kyverno',
  'templates.gatekeeper.sh': 'Gatekeeper',
  'constraints.gatekeeper.sh': 'Gatekeeper',
  'mutations.gatekeeper.sh': 'Gatekeeper',
  'expansion.gatekeeper.sh': 'Gatekeeper',
};

export function roleOf(apiVersion: string, kind: string): Role {
  const { group, version } = parseApiVersion(apiVersion);
  if (group === 'rampart.dev') return nativeRole(version, kind);
  if (group === 'admissionregistration.k8s.io') return admissionRole(version, kind);
  const gatekeeper = gatekeeperRole(group, version, kind);
  if (gatekeeper !== undefined) return gatekeeper;
  const kyverno = kyvernoRole(group, version, kind);
  if (kyverno !== undefined) return kyverno;
  const engine = Object.hasOwn(FOREIGN_GROUPS, group) ? FOREIGN_GROUPS[group] : undefined;
  // Suites of the CLI call themselves so at times.
  if (engine === undefined || kind === 'Test') return 'object';
  return {
    unsupported: `${engine} ${kind} (${apiVersion}) is not run by this version.`,
    help: `The engine it was written for goes on running it; here, ${SET_ASIDE}.`,
  };
}

function gatekeeperRole(group: string, version: string, kind: string): Role | undefined {
  if (group === 'constraints.gatekeeper.sh' && CONSTRAINT_VERSIONS.includes(version))
    return 'gatekeeper-constraint';
  const isExpansion = group === 'expansion.gatekeeper.sh' && kind === 'ExpansionTemplate';
  if (isExpansion && CONSTRAINT_VERSIONS.includes(version)) return 'gatekeeper-expansion';
  const isTemplate = group === 'templates.gatekeeper.sh' && kind === 'ConstraintTemplate';
  return isTemplate && TEMPLATE_VERSIONS.includes(version) ? 'gatekeeper-template' : undefined;
}

function kyvernoRole(group: string, version: string, kind: string): Role | undefined {
  const isRules = kind === 'ClusterPolicy' || kind === 'Policy';
  if (group === 'kyverno.io' && isRules && RULES_VERSIONS.includes(version)) return 'kyverno-rules';
  if (group === 'kyverno.io' && kind === 'PolicyException' && version === 'v2')
    return 'kyverno-rule-exception';
  if (group !== 'policies.kyverno.io' || !KYVERNO_VERSIONS.includes(version)) return undefined;
  if (kind === 'ValidatingPolicy' || kind === 'NamespacedValidatingPolicy') return 'kyverno-validating';
  if (kind === 'MutatingPolicy' || kind === 'NamespacedMutatingPolicy') return 'kyverno-mutating';
  return kind === 'PolicyException' ? 'kyverno-exception' : undefined;
}

const NATIVE: Readonly<Record<string, Role>> = { HardeningPolicy: 'native', PolicyExemption: 'exemption' };

function nativeRole(version: string, kind: string): Role {
  if (!Object.hasOwn(NATIVE, kind)) {
    const kinds = Object.keys(NATIVE);
    return {
      unsupported: `rampart.dev has no kind "${kind}" here.${didYouMean(kind, kinds)}`,
      help: `Kinds are ${kinds.join(' and ')}.`,
    };
  }
  if (version === 'v1') return NATIVE[kind]!;
  return { unsupported: `rampart.dev/${version} is not known.`, help: 'Write "apiVersion: rampart.dev/v1".' };
}

function admissionRole(version: string, kind: string): Role {
  switch (kind) {
    case 'ValidatingAdmissionPolicy':
    case 'ValidatingAdmissionPolicyBinding':
      if (VAP_VERSIONS.includes(version)) return kind.endsWith('Binding') ? 'vap-binding' : 'vap';
      return otherVersion(version, kind);
    case 'MutatingAdmissionPolicy':
    case 'MutatingAdmissionPolicyBinding':
      if (MAP_VERSIONS.includes(version)) return kind.endsWith('Binding') ? 'map-binding' : 'map';
      return otherVersion(version, kind);
    default:
      return 'object';
  }
}

function otherVersion(version: string, kind: string): Role {
  return {
    unsupported: `admissionregistration.k8s.io/${version} ${kind} is not run.`,
    help: 'Write "apiVersion: admissionregistration.k8s.io/v1"; the fields are the same.',
    convertible: 'Its fields are those of admissionregistration.k8s.io/v1: write that apiVersion.',
  };
}

/** Whether an object is a policy of another engine than ours, or belongs to one. */
export function isForeign(apiVersion: string, kind: string): boolean {
  const role = roleOf(apiVersion, kind);
  return role !== 'object' && role !== 'native' && role !== 'exemption';
}
