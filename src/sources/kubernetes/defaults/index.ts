/**
 * Objects as the API server has them when admission begins: decoded into Go types and defaulted, or as their schema says. What strategies and
 * admission plug-ins add later is not done here.
 */
import type { Defaults, JsonMap, Schemas } from '../../../model/index.ts';
import { decodeCustomObject } from './custom.ts';
import { decodeObject } from './decoder.ts';
import { withPluginDefaults } from './plugins.ts';

/** Of the kinds that `schemas` describes, at its Kubernetes minor. */
export function createDefaults(minor: number, schemas: Schemas): Defaults {
  const apply = (apiVersion: string, kind: string, object: JsonMap): JsonMap => {
    const schema = schemas.ofKind(apiVersion, kind);
    if (schema === undefined) return object;
    // Custom kinds have schemas without names, and defaults of their own.
    return schema.name === undefined
      ? decodeCustomObject(object, schema)
      : decodeObject(object, schema, minor);
  };
  return {
    apply,
    admit: (apiVersion, kind, object) => {
      const decoded = apply(apiVersion, kind, object);
      return apiVersion === 'v1' && kind === 'Pod' ? withPluginDefaults(decoded) : decoded;
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
