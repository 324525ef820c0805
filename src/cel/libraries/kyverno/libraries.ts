/** What policies of Kyverno v1.19 may use besides CEL's standard library. */
import type { Library } from '../../library.ts';
import { bindings } from '../bindings.ts';
import { kubernetesLibraries } from '../kubernetes.ts';
import { math } from '../math.ts';
import { protos } from '../protos.ts';
import { regexExtension } from '../regex-extension.ts';
import { encodersV1 } from './encoders.ts';
import { globalContext } from './global-context.ts';
import { gzip } from './gzip.ts';
import { hashes } from './hash.ts';
import { http } from './http.ts';
import { images } from './image.ts';
import { imageData } from './image-data.ts';
import { json } from './json.ts';
import { orValue } from './or-value.ts';
import { randoms } from './random.ts';
import { namespacedResources, resources } from './resource.ts';
import { rounding } from './round.ts';
import { times } from './time.ts';
import { transforms } from './transform.ts';
import { users } from './user.ts';
import { x509 } from './x509.ts';
import { yaml } from './yaml.ts';

export interface KyvernoLibraryOptions {
  /** Whether the policy is in a namespace: `resource.*` then has shorter forms instead. */
  readonly namespaced?: boolean;
  /** Whether `[1, 'a']` is allowed: in generating policies alone. Default false. */
  readonly mixedLiterals?: boolean;
}

/**
 * Kyverno extends the API server's own environment (kyverno pkg/cel/policies/vpol/compiler: MustBaseEnvSet), of the
 * Kubernetes it is built with, the checks of literals included.
 */
const KUBERNETES_MINOR = 36;

const HOMOGENEOUS = 'kubernetes.homogeneous-literals';

export function kyvernoLibraries(options: KyvernoLibraryOptions = {}): readonly Library[] {
  const { namespaced = false, mixedLiterals = false } = options;
  const kubernetes = kubernetesLibraries(KUBERNETES_MINOR);
  return [
    ...(mixedLiterals ? kubernetes.filter(({ name }) => name !== HOMOGENEOUS) : kubernetes),
    bindings,
    encodersV1,
    math,
    protos,
    regexExtension,
    orValue,
    globalContext,
    namespaced ? namespacedResources : resources,
    images,
    imageData,
    users,
    hashes,
    rounding,
    json,
    yaml,
    randoms,
    x509,
    times,
    transforms,
    gzip,
    http,
  ];
}
