/** kubernetes pkg/apis/{apps,batch,autoscaling}/v1/defaults.go */
import { ownLabels, templateLabels } from './core.ts';
import { absent, type Draft, empty, isMap, mapIn, mapsIn, type Rules } from './rule.ts';

export const WORKLOADS: Rules = {
  'apps.v1.DeploymentSpec': (spec) => {
    absent(spec, { replicas: 1, strategy: {}, revisionHistoryLimit: 10, progressDeadlineSeconds: 600 });
    const strategy = rolling(spec, 'strategy');
    if (strategy !== undefined) absent(strategy, { maxUnavailable: '25%', maxSurge: '25%' });
  },
  'apps.v1.DaemonSetSpec': (spec) => {
    absent(spec, { updateStrategy: {}, revisionHistoryLimit: 10 });
    const strategy = rolling(spec, 'updateStrategy');
    if (strategy !== undefined) absent(strategy, { maxUnavailable: 1, maxSurge: 0 });
  },
  'apps.v1.StatefulSetSpec': (spec, minor) => {
    empty(spec, { podManagementPolicy: 'OrderedReady' });
    absent(spec, {
      updateStrategy: {},
      persistentVolumeClaimRetentionPolicy: {},
      replicas: 1,
      revisionHistoryLimit: 10,
    });
    const strategy = mapIn(spec, 'updateStrategy');
    if (strategy !== undefined) {
      // Who names the type gets no rolling update that was not asked for.
      if (!strategy['type']) empty(strategy, { type: 'RollingUpdate', rollingUpdate: {} });
      const update = strategy['type'] === 'RollingUpdate' ? mapIn(strategy, 'rollingUpdate') : undefined;
      if (update !== undefined)
        absent(update, { partition: 0, ...(minor >= 37 ? { maxUnavailable: 1 } : {}) });
    }
    for (const claim of mapsIn(spec, 'volumeClaimTemplates')) {
      absent(claim, { apiVersion: 'v1', kind: 'PersistentVolumeClaim', status: {} });
      const status = mapIn(claim, 'status');
      if (status !== undefined) empty(status, { phase: 'Pending' });
    }
    const retention = mapIn(spec, 'persistentVolumeClaimRetentionPolicy');
    if (retention !== undefined) empty(retention, { whenDeleted: 'Retain', whenScaled: 'Retain' });
  },
  'apps.v1.ReplicaSetSpec': (spec) => absent(spec, { replicas: 1 }),
  'batch.v1.Job': (job) => {
    const spec = mapIn(job, 'spec');
    const labels = spec === undefined ? undefined : templateLabels(spec);
    if (labels !== undefined) ownLabels(job, labels);
    if (spec !== undefined) jobSpec(spec);
  },
  'batch.v1.CronJobSpec': (spec) => {
    empty(spec, { concurrencyPolicy: 'Allow' });
    absent(spec, { suspend: false, successfulJobsHistoryLimit: 3, failedJobsHistoryLimit: 1 });
  },
  'batch.v1.PodFailurePolicyOnPodConditionsPattern': (pattern) => empty(pattern, { status: 'True' }),
  'autoscaling.v1.HorizontalPodAutoscalerSpec': (spec) => absent(spec, { minReplicas: 1 }),
  'autoscaling.v2.HorizontalPodAutoscalerSpec': autoscaler,
};

/** The rolling update of a strategy that is one or names no type. */
function rolling(spec: Draft, key: string): Draft | undefined {
  const strategy = mapIn(spec, key);
  if (strategy === undefined) return undefined;
  empty(strategy, { type: 'RollingUpdate' });
  if (strategy['type'] !== 'RollingUpdate') return undefined;
  absent(strategy, { rollingUpdate: {} });
  return mapIn(strategy, 'rollingUpdate');
}

function jobSpec(spec: Draft): void {
  if (spec['completions'] == null && spec['parallelism'] == null) spec['completions'] = 1;
  absent(spec, {
    parallelism: 1,
    backoffLimit: spec['backoffLimitPerIndex'] == null ? 6 : 2_147_483_647,
    completionMode: 'NonIndexed',
    suspend: false,
    podReplacementPolicy: spec['podFailurePolicy'] == null ? 'TerminatingOrFailed' : 'Failed',
    manualSelector: false,
  });
}

const SCALE_UP = {
  stabilizationWindowSeconds: 0,
  selectPolicy: 'Max',
  policies: [
    { type: 'Pods', value: 4, periodSeconds: 15 },
    { type: 'Percent', value: 100, periodSeconds: 15 },
  ],
};
const SCALE_DOWN = { selectPolicy: 'Max', policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }] };

function autoscaler(spec: Draft): void {
  absent(spec, { minReplicas: 1 });
  empty(spec, {
    metrics: [
      {
        type: 'Resource',
        resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } },
      },
    ],
  });
  const behavior = mapIn(spec, 'behavior');
  if (behavior === undefined) return;
  for (const [key, rules] of [
    ['scaleUp', SCALE_UP],
    ['scaleDown', SCALE_DOWN],
  ] as const)
    behavior[key] = { ...rules, ...(isMap(behavior[key]) ? (behavior[key] as Draft) : {}) };
}
