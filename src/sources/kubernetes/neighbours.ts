/**
 * Kinds that are not Kubernetes' own and that policies of the library are about: their plurals and scope, as their
 * projects' CustomResourceDefinitions say (istio manifests/charts/base, linkerd2 charts/linkerd-crds, gateway-api
 * config/crd). A CustomResourceDefinition among the files outweighs them.
 */
import type { ResourceInfo } from '../../model/index.ts';

interface Family {
  readonly group: string;
  readonly versions: readonly string[];
  /** Kind → plural. */
  readonly kinds: Readonly<Record<string, string>>;
  readonly clusterScoped?: readonly string[];
}

const FAMILIES: readonly Family[] = [
  {
    group: 'networking.istio.io',
    versions: ['v1', 'v1beta1', 'v1alpha3'],
    kinds: {
      DestinationRule: 'destinationrules',
      EnvoyFilter: 'envoyfilters',
      Gateway: 'gateways',
      ProxyConfig: 'proxyconfigs',
      ServiceEntry: 'serviceentries',
      Sidecar: 'sidecars',
      VirtualService: 'virtualservices',
      WorkloadEntry: 'workloadentries',
      WorkloadGroup: 'workloadgroups',
    },
  },
  {
    group: 'security.istio.io',
    versions: ['v1', 'v1beta1'],
    kinds: {
      AuthorizationPolicy: 'authorizationpolicies',
      PeerAuthentication: 'peerauthentications',
      RequestAuthentication: 'requestauthentications',
    },
  },
  {
    group: 'policy.linkerd.io',
    versions: ['v1', 'v1beta3', 'v1beta2', 'v1beta1', 'v1alpha1'],
    kinds: {
      AuthorizationPolicy: 'authorizationpolicies',
      MeshTLSAuthentication: 'meshtlsauthentications',
      NetworkAuthentication: 'networkauthentications',
      Server: 'servers',
      ServerAuthorization: 'serverauthorizations',
    },
  },
  {
    group: 'gateway.networking.k8s.io',
    versions: ['v1', 'v1beta1', 'v1alpha3', 'v1alpha2'],
    kinds: {
      BackendTLSPolicy: 'backendtlspolicies',
      GRPCRoute: 'grpcroutes',
      Gateway: 'gateways',
      GatewayClass: 'gatewayclasses',
      HTTPRoute: 'httproutes',
      ReferenceGrant: 'referencegrants',
      TCPRoute: 'tcproutes',
      TLSRoute: 'tlsroutes',
      UDPRoute: 'udproutes',
    },
    clusterScoped: ['GatewayClass'],
  },
];

const BY_GROUP = new Map(FAMILIES.map((family) => [family.group, family]));

/** The resource of a kind of a neighbour; undefined for kinds and versions that none has. */
export function neighbour(group: string, version: string, kind: string): ResourceInfo | undefined {
  const family = BY_GROUP.get(group);
  if (family === undefined || !family.versions.includes(version) || !Object.hasOwn(family.kinds, kind))
    return undefined;
  return {
    group,
    version,
    kind,
    resource: family.kinds[kind]!,
    namespaced: family.clusterScoped?.includes(kind) !== true,
    subresources: ['status'],
    guessed: false,
  };
}
