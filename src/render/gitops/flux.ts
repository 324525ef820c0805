/** HelmReleases and Kustomizations of Flux: which charts and kustomizations they deploy, with their own values. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonMap, RenderInput } from '../../model/index.ts';
import type { Release, ValuesLayer } from '../helm/release.ts';
import type { Edit } from '../kustomize/build.ts';
import { kustomizationFile } from '../kustomize/read.ts';
import { asList, asText, field, fieldsAmong, isMap } from '../values.ts';
import {
  type Deployment,
  inputsOf,
  nameOf,
  refuse,
  refuseSource,
  type Surroundings,
  specOf,
  textAt,
  type Work,
} from './deployment.ts';
import { folderAt, requireHere, requireScanned } from './repository.ts';
import { substitution } from './substitute.ts';
import { fileLayers, inlineLayer, textLayer } from './values.ts';

/** `helm.toolkit.fluxcd.io HelmRelease`. Throws NotDeployable. */
export function helmReleaseWork(deployment: Deployment, around: Surroundings): Work[] {
  const spec = specOf(deployment);
  const { ref } = deployment.resource;
  const chart = field(field(spec, 'chart'), 'spec');
  if (!isMap(chart))
    refuseSource(
      deployment,
      '/spec/chartRef',
      `the chart is that of ${referenceText(field(spec, 'chartRef'))}`,
    );
  const path = textAt(chart, 'chart') ?? refuse(deployment, '/spec/chart/spec', 'it names no chart');
  requireSource(deployment, '/spec/chart/spec/sourceRef', field(chart, 'sourceRef'), around);
  const folder = folderAt(deployment, '/spec/chart/spec/chart', path, around);
  if (!existsSync(join(folder, 'Chart.yaml')))
    refuse(deployment, '/spec/chart/spec/chart', `there is no Chart.yaml in ${path}`);
  if (asList(field(spec, 'postRenderers')).length > 0)
    refuse(deployment, '/spec/postRenderers', 'postRenderers are not applied', { reason: 'unsupported' });
  const target = textAt(spec, 'targetNamespace');
  const files = chartValues(deployment, chart, around);
  const from = valuesFrom(deployment, field(spec, 'valuesFrom'), around);
  const release: Release = {
    environment: nameOf(deployment.resource),
    releaseName: textAt(spec, 'releaseName') ?? (target === undefined ? ref.name : `${target}-${ref.name}`),
    namespace: target ?? (ref.namespace || 'default'),
    values: [...files, ...from.layers, ...inlineLayer(deployment, '/spec/values', field(spec, 'values'))],
    // Files that are named take the place of the chart's own.
    ownValues: asList(field(chart, 'valuesFiles')).length === 0,
    settings: from.settings,
    kubeVersion: around.kubeVersion,
    apiVersions: [],
    skipCrds: textAt(field(spec, 'install'), 'crds') === 'Skip',
    inputs: from.inputs,
  };
  return [{ kind: 'chart', folder, release }];
}

function chartValues(deployment: Deployment, chart: unknown, around: Surroundings): ValuesLayer[] {
  const list = {
    pointer: '/spec/chart/spec/valuesFiles',
    names: field(chart, 'valuesFiles'),
    optional: field(chart, 'ignoreMissingValuesFiles') === true,
  };
  return fileLayers(deployment, list, (name) => ({ folder: around.root, name }), around);
}

interface ValuesFrom {
  readonly layers: ValuesLayer[];
  readonly settings: (readonly [string, string])[];
  readonly inputs: RenderInput[];
}

function valuesFrom(deployment: Deployment, list: unknown, around: Surroundings): ValuesFrom {
  const found: ValuesFrom = { layers: [], settings: [], inputs: [] };
  for (const [index, entry] of asList(list).entries()) {
    const pointer = `/spec/valuesFrom/${index}`;
    const source = configMapOf(deployment, pointer, entry, around);
    if (source === undefined) continue;
    found.inputs.push(...inputsOf(source));
    const key = textAt(entry, 'valuesKey') ?? 'values.yaml';
    const text = asText(field(field(source.resource.object, 'data'), key));
    if (text === undefined) {
      if (field(entry, 'optional') !== true)
        refuse(deployment, pointer, `the ConfigMap ${source.resource.ref.name} has no ${key}`);
      continue;
    }
    const path = textAt(entry, 'targetPath');
    const at = `/data/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    if (path !== undefined) found.settings.push(settingOf(path, text));
    else found.layers.push(...textLayer(deployment, pointer, text, { of: source, at }));
  }
  // Flux takes a single value where it stands in the list; Helm takes it over all others.
  if (found.settings.length > 0 && isMap(field(specOf(deployment), 'values')))
    refuse(deployment, '/spec/valuesFrom', 'targetPath beside values is not applied', {
      reason: 'unsupported',
    });
  return found;
}

/** As Flux reads it: a value in quotes is a text, any other what Helm's `--set` makes of it. */
function settingOf(path: string, text: string): readonly [string, string] {
  const quoted = /^(["'])(.*)\1$/s.exec(text)?.[2];
  return quoted === undefined ? ['--set', `${path}=${text}`] : ['--set-string', `${path}=${quoted}`];
}

/** Throws NotDeployable unless it is there, or may be missing. */
function configMapOf(
  deployment: Deployment,
  pointer: string,
  entry: unknown,
  { objects }: Surroundings,
): Deployment | undefined {
  const [kind, name] = [textAt(entry, 'kind'), textAt(entry, 'name')];
  const { namespace } = deployment.resource.ref;
  const found = lookUp(objects, kind, name, namespace);
  if (kind === 'ConfigMap' && found !== undefined) return found;
  if (field(entry, 'optional') === true) return undefined;
  return refuse(deployment, pointer, `the ${kind} ${name} is not among what is scanned`);
}

/** In its namespace; in any, where only one of the name is. */
function lookUp(
  objects: readonly Deployment[],
  kind: string | undefined,
  name: string | undefined,
  namespace: string,
): Deployment | undefined {
  const named = objects.filter(({ resource: { ref } }) => ref.kind === kind && ref.name === name);
  const near = named.filter(({ resource: { ref } }) => ref.namespace === namespace);
  return near[0] ?? (named.length === 1 ? named[0] : undefined);
}

/** Throws NotDeployable unless it is a GitRepository with a URL of this repository. */
function requireSource(deployment: Deployment, pointer: string, ref: unknown, around: Surroundings): void {
  const kind = textAt(ref, 'kind');
  if (kind !== 'GitRepository')
    refuseSource(deployment, pointer, `it comes from ${referenceText(ref)}, not from a GitRepository`);
  const namespace = textAt(ref, 'namespace') ?? deployment.resource.ref.namespace;
  const source = lookUp(around.objects, kind, textAt(ref, 'name'), namespace);
  if (source === undefined)
    refuseSource(deployment, pointer, `the ${referenceText(ref)} is not among what is scanned`);
  else requireHere(deployment, pointer, textAt(specOf(source), 'url'), around);
}

function referenceText(ref: unknown): string {
  return `${textAt(ref, 'kind') ?? 'a chart'} ${textAt(ref, 'name') ?? ''}`.trim();
}

/** Fields of a Flux Kustomization that a kustomization has too, by the same name. */
const COPIED = ['namePrefix', 'nameSuffix', 'patches', 'images'] as const;
/** Those by which it makes other objects of them in a way that is not done here. */
const REFUSED = ['components', 'patchesStrategicMerge', 'patchesJson6902'] as const;

/** `kustomize.toolkit.fluxcd.io Kustomization`. Throws NotDeployable. */
export function fluxKustomizationWork(deployment: Deployment, around: Surroundings): Work[] {
  const spec = specOf(deployment);
  requireSource(deployment, '/spec/sourceRef', field(spec, 'sourceRef'), around);
  const path = textAt(spec, 'path') ?? '.';
  const folder = folderAt(deployment, '/spec/path', path, around);
  const changing = [...COPIED, ...REFUSED, 'targetNamespace', 'commonMetadata', 'postBuild'].filter(
    (name) => field(spec, name) !== undefined,
  );
  if (kustomizationFile(folder) === undefined) {
    // Flux would make a kustomization of all manifests below: the scan reads these as they are.
    if (changing.length > 0)
      refuse(
        deployment,
        `/spec/${changing[0]}`,
        `there is no kustomization.yaml in ${path}, and ${changing[0]} changes what is in it`,
        {
          help: 'add a kustomization.yaml that lists the manifests of the folder',
        },
      );
    requireScanned(deployment, '/spec/path', folder, around);
    return [];
  }
  const refused = REFUSED.find((name) => field(spec, name) !== undefined);
  if (refused !== undefined)
    refuse(deployment, `/spec/${refused}`, `${refused} are not applied`, { reason: 'unsupported' });
  const { edit, inputs } = substitutionOf(deployment, field(spec, 'postBuild'), around);
  return [
    {
      kind: 'kustomization',
      environment: nameOf(deployment.resource),
      folder,
      overrides: { fields: overridesOf(spec), place: (inner) => deployment.place(placeIn(inner)) },
      namespace: undefined,
      inputs,
      ...(edit === undefined ? {} : { edit }),
    },
  ];
}

function overridesOf(spec: JsonMap): JsonMap {
  const common = field(spec, 'commonMetadata');
  const namespace = textAt(spec, 'targetNamespace');
  const labels = field(common, 'labels');
  const annotations = field(common, 'annotations');
  return {
    ...fieldsAmong(spec, COPIED),
    ...(namespace === undefined ? {} : { namespace }),
    ...(isMap(labels) ? { labels: [{ pairs: labels }] } : {}),
    ...(isMap(annotations) ? { commonAnnotations: annotations } : {}),
  };
}

function placeIn(pointer: string): string {
  return `/spec${pointer
    .replace(/^\/namespace$/, '/targetNamespace')
    .replace(/^\/labels\/0\/pairs/, '/commonMetadata/labels')
    .replace(/^\/commonAnnotations/, '/commonMetadata/annotations')}`;
}

function substitutionOf(
  deployment: Deployment,
  postBuild: unknown,
  around: Surroundings,
): { readonly edit?: Edit; readonly inputs: readonly RenderInput[] } {
  if (!isMap(postBuild)) return { inputs: [] };
  const inputs: RenderInput[] = [];
  const variables = new Map<string, string>();
  const add = (data: unknown): void => {
    for (const [name, value] of Object.entries(isMap(data) ? data : {}))
      variables.set(name, String(value).replaceAll('\n', ''));
  };
  for (const [index, entry] of asList(field(postBuild, 'substituteFrom')).entries()) {
    const source = configMapOf(deployment, `/spec/postBuild/substituteFrom/${index}`, entry, around);
    if (source === undefined) continue;
    add(field(source.resource.object, 'data'));
    inputs.push(...inputsOf(source));
  }
  add(field(postBuild, 'substitute'));
  return variables.size === 0 ? { inputs } : { inputs, edit: substitution(variables) };
}
