/** kubernetes pkg/apis/{networking,rbac,storage,admissionregistration,discovery,scheduling,flowcontrol}/v1/defaults.go */
import { absent, type Draft, empty, isEmpty, mapIn, type Rules } from './rule.ts';

const RBAC = 'rbac.authorization.k8s.io';

const webhook = { failurePolicy: 'Fail', matchPolicy: 'Equivalent', timeoutSeconds: 10 };
const selectors = () => ({ namespaceSelector: {}, objectSelector: {} });

export const CLUSTER: Rules = {
  'networking.v1.NetworkPolicyPort': (port) => absent(port, { protocol: 'TCP' }),
  'networking.v1.NetworkPolicySpec': (spec) =>
    empty(spec, { policyTypes: isEmpty(spec['egress']) ? ['Ingress'] : ['Ingress', 'Egress'] }),
  'networking.v1.IngressClassSpec': (spec) => {
    const parameters = mapIn(spec, 'parameters');
    if (parameters !== undefined) absent(parameters, { scope: 'Cluster' });
  },
  'rbac.v1.Role': noRules,
  'rbac.v1.ClusterRole': noRules,
  'rbac.v1.RoleRef': (ref) => empty(ref, { apiGroup: RBAC }),
  'rbac.v1.Subject': (subject) => {
    if (subject['kind'] === 'User' || subject['kind'] === 'Group') empty(subject, { apiGroup: RBAC });
  },
  'storage.v1.StorageClass': (storage) =>
    absent(storage, { reclaimPolicy: 'Delete', volumeBindingMode: 'Immediate' }),
  'storage.v1.CSIDriverSpec': (spec, minor) => {
    absent(spec, {
      attachRequired: true,
      podInfoOnMount: false,
      storageCapacity: false,
      fsGroupPolicy: 'ReadWriteOnceWithFSType',
      requiresRepublish: false,
      seLinuxMount: false,
      ...(minor >= 37 ? { preventPodSchedulingIfMissing: false } : {}),
    });
    empty(spec, { volumeLifecycleModes: ['Persistent'] });
  },
  'admissionregistration.v1.ValidatingWebhook': (hook) => absent(hook, { ...webhook, ...selectors() }),
  'admissionregistration.v1.MutatingWebhook': (hook) =>
    absent(hook, { ...webhook, ...selectors(), reinvocationPolicy: 'Never' }),
  'admissionregistration.v1.RuleWithOperations': (rule) => absent(rule, { scope: '*' }),
  'admissionregistration.v1.NamedRuleWithOperations': (rule) => absent(rule, { scope: '*' }),
  'admissionregistration.v1.ServiceReference': (service) => absent(service, { port: 443 }),
  'discovery.v1.EndpointPort': (port) => absent(port, { name: '', protocol: 'TCP' }),
  'scheduling.v1.PriorityClass': (priority) => absent(priority, { preemptionPolicy: 'PreemptLowerPriority' }),
  'flowcontrol.v1.FlowSchemaSpec': (spec) => empty(spec, { matchingPrecedence: 1000 }),
  'flowcontrol.v1.ExemptPriorityLevelConfiguration': (level) =>
    absent(level, { nominalConcurrencyShares: 0, lendablePercent: 0 }),
  'flowcontrol.v1.LimitedPriorityLevelConfiguration': (level) =>
    absent(level, { nominalConcurrencyShares: 30, lendablePercent: 0 }),
  'flowcontrol.v1.QueuingConfiguration': (queuing) =>
    empty(queuing, { handSize: 8, queues: 64, queueLengthLimit: 50 }),
};

/** An empty list of rules comes out of the server as none. */
function noRules(role: Draft): void {
  if (isEmpty(role['rules'])) role['rules'] = null;
}
