/**
 * Objects as the API server has them when admission begins: decoded into Go types and defaulted. What strategies and
 * admission plug-ins add later is not done here.
 */
import type { Defaults, JsonMap, Schemas } from '../../../model/index.ts';
import { decodeObject } from './decoder.ts';
import { addPluginDefaults } from './plugins.ts';
import type { Draft } from './rule.ts';

/** Of the built-in kinds that `schemas` describes, at its Kubernetes minor. */
export function createDefaults(minor: number, schemas: Schemas): Defaults {
  const apply = (apiVersion: string, kind: string, object: JsonMap): Draft | undefined => {
    const schema = schemas.ofKind(apiVersion, kind);
    // Custom kinds have schemas without names, and defaults of their own.
    if (schema?.name === undefined) return undefined;
    const decoded = decodeObject(object, schema, minor);
    // What the server itself writes is left to it.
    const { status } = object;
    if (status === undefined) delete decoded['status'];
    else decoded['status'] = status;
    return decoded;
  };
  return {
    apply: (apiVersion, kind, object) => apply(apiVersion, kind, object) ?? object,
    admit: (apiVersion, kind, object) => {
      const decoded = apply(apiVersion, kind, object);
      if (decoded !== undefined && apiVersion === 'v1' && kind === 'Pod') addPluginDefaults(decoded);
      return decoded ?? object;
    },
    causeOf: (field) => (Object.hasOwn(CAUSES, field) ? CAUSES[field] : undefined),
  };
}

/** Defaults that are worked out from another field of the same map. */
const CAUSES: Readonly<Record<string, string>> = {
  imagePullPolicy: 'image',
  pullPolicy: 'reference',
  requests: 'limits',
  hostPort: 'containerPort',
  targetPort: 'port',
  policyTypes: 'egress',
  podReplacementPolicy: 'podFailurePolicy',
  externalTrafficPolicy: 'type',
  serviceAccount: 'serviceAccountName',
};
