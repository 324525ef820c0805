/** Applications of Argo CD: which charts and kustomizations they deploy, with their own values. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonMap } from '../../model/index.ts';
import type { Release, ValuesLayer } from '../helm/release.ts';
import { kustomizationFile } from '../kustomize/read.ts';
import { asList, asText, field, fieldsAmong, isMap } from '../values.ts';
import {
  type Deployment,
  nameOf,
  refuse,
  refuseSource,
  type Surroundings,
  specOf,
  textAt,
  type Work,
} from './deployment.ts';
import { folderAt, requireHere, requireScanned } from './repository.ts';
import { fileLayers, inlineLayer, textLayer } from './values.ts';

interface Source {
  readonly value: unknown;
  readonly pointer: string;
}

/** `argoproj.io/v1alpha1 Application`. Throws NotDeployable. */
export function applicationWork(deployment: Deployment, around: Surroundings): Work[] {
  const spec = specOf(deployment);
  const several = asList(field(spec, 'sources'));
  const sources: Source[] =
    several.length > 0
      ? several.map((value, index) => ({ value, pointer: `/spec/sources/${index}` }))
      : [{ value: field(spec, 'source'), pointer: '/spec/source' }];
  if (!isMap(sources[0]!.value)) refuse(deployment, '/spec', 'it names no source');
  return sources.flatMap((source) => sourceWork(deployment, source, sources, around));
}

function sourceWork(
  deployment: Deployment,
  source: Source,
  all: readonly Source[],
  around: Surroundings,
): Work[] {
  const { value, pointer } = source;
  const chart = textAt(value, 'chart');
  const url = textAt(value, 'repoURL');
  if (chart !== undefined)
    refuseSource(deployment, `${pointer}/chart`, `the chart ${chart} comes from ${url ?? 'a registry'}`);
  requireHere(deployment, `${pointer}/repoURL`, url, around);
  const path = textAt(value, 'path');
  // It is only there for others to take values from.
  if (path === undefined)
    return textAt(value, 'ref') !== undefined ? [] : refuse(deployment, pointer, 'it names no path');
  const folder = folderAt(deployment, `${pointer}/path`, path, around);
  if (field(value, 'plugin') !== undefined)
    refuse(deployment, `${pointer}/plugin`, 'what a plugin makes is not known', { reason: 'unsupported' });
  const asDirectory = field(value, 'directory') !== undefined;
  if (!asDirectory && (isMap(field(value, 'helm')) || existsSync(join(folder, 'Chart.yaml'))))
    return [chartWork(deployment, source, all, folder, around)];
  if (!asDirectory && (isMap(field(value, 'kustomize')) || kustomizationFile(folder) !== undefined))
    return [kustomizationWork(deployment, source, folder)];
  return directoryWork(deployment, `${pointer}/path`, folder, around);
}

function chartWork(
  deployment: Deployment,
  { value, pointer }: Source,
  all: readonly Source[],
  folder: string,
  around: Surroundings,
): Work {
  const helm = field(value, 'helm');
  const at = `${pointer}/helm`;
  const release: Release = {
    environment: nameOf(deployment.resource),
    releaseName: textAt(helm, 'releaseName') ?? deployment.resource.ref.name,
    namespace: textAt(helm, 'namespace') ?? destinationOf(deployment) ?? 'default',
    values: [
      ...valueFiles(deployment, helm, at, { all, folder }, around),
      ...ownValues(deployment, helm, at),
    ],
    ownValues: true,
    settings: settingsOf(deployment, helm, at, { folder }),
    kubeVersion: textAt(helm, 'kubeVersion') ?? around.kubeVersion,
    apiVersions: asList(field(helm, 'apiVersions')).flatMap((one) => asText(one) ?? []),
    skipCrds: field(helm, 'skipCrds') === true,
    inputs: [],
  };
  return { kind: 'chart', folder, release };
}

function destinationOf(deployment: Deployment): string | undefined {
  return textAt(field(specOf(deployment), 'destination'), 'namespace');
}

function valueFiles(
  deployment: Deployment,
  helm: unknown,
  at: string,
  { all, folder }: { all: readonly Source[]; folder: string },
  around: Surroundings,
): ValuesLayer[] {
  const list = {
    pointer: `${at}/valueFiles`,
    names: field(helm, 'valueFiles'),
    optional: field(helm, 'ignoreMissingValueFiles') === true,
  };
  const fileOf = (name: string, pointer: string) => {
    const [, ref, rest] = /^\$([^/]+)\/(.*)$/.exec(name) ?? [];
    const other = ref === undefined ? undefined : all.findIndex(({ value }) => textAt(value, 'ref') === ref);
    if (other === -1) refuse(deployment, pointer, `no source has the ref ${ref}`);
    if (other !== undefined)
      requireHere(deployment, `${all[other]!.pointer}/repoURL`, textAt(all[other]!.value, 'repoURL'), around);
    return { folder, name: rest === undefined ? name : `/${rest}` };
  };
  return fileLayers(deployment, list, fileOf, around);
}

/** `valuesObject` wins over `values`, as in Argo CD. */
function ownValues(deployment: Deployment, helm: unknown, at: string): ValuesLayer[] {
  const object = inlineLayer(deployment, `${at}/valuesObject`, field(helm, 'valuesObject'));
  const text = textAt(helm, 'values');
  return object.length > 0 || text === undefined ? object : textLayer(deployment, `${at}/values`, text);
}

function settingsOf(
  deployment: Deployment,
  helm: unknown,
  at: string,
  { folder }: { folder: string },
): Release['settings'] {
  if (asList(field(helm, 'fileParameters')).length > 0)
    refuse(deployment, `${at}/fileParameters`, 'fileParameters are not read', { reason: 'unsupported' });
  return asList(field(helm, 'parameters')).map((entry) => {
    const flag = field(entry, 'forceString') === true ? '--set-string' : '--set';
    const value = asText(field(entry, 'value')) ?? '';
    if (value.includes('$ARGOCD_')) refuse(deployment, at, `${value} is only known to Argo CD in ${folder}`);
    return [flag, `${textAt(entry, 'name') ?? ''}=${escaped(value)}`] as const;
  });
}

/** As Argo CD hands it to Helm (util/helm/cmd.go, cleanSetParameters): commas part nothing, but in `{a,b}`. */
function escaped(value: string): string {
  return value.startsWith('{') && value.endsWith('}') ? value : value.replaceAll(/(?<!\\),/g, '\\,');
}

/** By their names in Argo CD and in a kustomization. */
const COPIED = [
  'namePrefix',
  'nameSuffix',
  'namespace',
  'commonLabels',
  'commonAnnotations',
  'replicas',
  'patches',
] as const;

const KNOWN: ReadonlySet<string> = new Set([
  ...COPIED,
  'images',
  'version',
  'forceCommonLabels',
  'forceCommonAnnotations',
]);

function kustomizationWork(deployment: Deployment, { value, pointer }: Source, folder: string): Work {
  const given = field(value, 'kustomize');
  const at = `${pointer}/kustomize`;
  for (const name of Object.keys(isMap(given) ? given : {}))
    if (!KNOWN.has(name))
      refuse(deployment, `${at}/${name}`, `kustomize.${name} is not applied`, { reason: 'unsupported' });
  const patches = asList(field(given, 'patches'));
  const withFile = patches.findIndex((patch) => field(patch, 'path') !== undefined);
  if (withFile !== -1)
    refuse(deployment, `${at}/patches/${withFile}`, 'patches in files are not read', {
      reason: 'unsupported',
    });
  const images = asList(field(given, 'images')).map((entry, index) =>
    imageOverride(asText(entry) ?? refuse(deployment, `${at}/images/${index}`, 'an image is no text')),
  );
  const fields: JsonMap = {
    ...fieldsAmong(given, COPIED),
    ...(images.length === 0 ? {} : { images }),
  };
  return {
    kind: 'kustomization',
    environment: nameOf(deployment.resource),
    folder,
    overrides: { fields, place: (inner) => deployment.place(at + inner) },
    namespace: destinationOf(deployment),
    inputs: [],
  };
}

/** `[name=]new[:tag|@digest]` */
function imageOverride(text: string): JsonMap {
  const [, name, image = ''] = /^(?:([^=]+)=)?(.*)$/s.exec(text) ?? [];
  const [, base = '', tag, digest] = /^(.*?)(?::([^/:@]+))?(?:@(.+))?$/s.exec(image) ?? [];
  return {
    name: name ?? base,
    ...(name === undefined ? {} : { newName: base }),
    ...(tag === undefined ? {} : { newTag: tag }),
    ...(digest === undefined ? {} : { digest }),
  };
}

/** Manifests as they are: the scan itself reads them. */
function directoryWork(
  deployment: Deployment,
  pointer: string,
  folder: string,
  around: Surroundings,
): Work[] {
  if (readdirSync(folder).some((name) => name.endsWith('.jsonnet')))
    refuse(deployment, pointer, `${around.shown(folder)} holds Jsonnet`, { reason: 'unsupported' });
  requireScanned(deployment, pointer, folder, around);
  return [];
}
