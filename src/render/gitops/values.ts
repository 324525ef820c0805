/** Values of a chart as a deployment gives them. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DEFAULT_LIMITS } from '../../sources/index.ts';
import { readDocuments } from '../../sources/manifests/documents.ts';
import { readLayer } from '../helm/layers.ts';
import type { ValuesLayer } from '../helm/release.ts';
import { isWithin, realOf } from '../stage.ts';
import { asList, asText, isMap } from '../values.ts';
import { type Deployment, inputsOf, refuse, type Surroundings } from './deployment.ts';

/** The values files that a list names, each in the folder that it is found from. Throws NotDeployable. */
export function fileLayers(
  deployment: Deployment,
  list: { readonly pointer: string; readonly names: unknown; readonly optional: boolean },
  fileOf: (name: string, pointer: string) => { readonly folder: string; readonly name: string },
  around: Surroundings,
): ValuesLayer[] {
  return asList(list.names).flatMap((entry, index) => {
    const pointer = `${list.pointer}/${index}`;
    const name = asText(entry) ?? refuse(deployment, pointer, 'a values file has no name');
    const file = { ...fileOf(name, pointer), optional: list.optional };
    return fileLayer(deployment, pointer, file, around) ?? [];
  });
}

/** A values file of the repository. Throws NotDeployable; undefined where it is missing and may be. */
function fileLayer(
  deployment: Deployment,
  pointer: string,
  { folder, name, optional }: { folder: string; name: string; optional: boolean },
  { root, shown }: Surroundings,
): ValuesLayer | undefined {
  if (/^[a-z+]+:\/\//i.test(name)) refuse(deployment, pointer, `${name} is not in the repository`);
  const path = name.startsWith('/') ? join(root, name) : join(folder, name);
  if (!isWithin(path, root)) refuse(deployment, pointer, `${name} leads out of the repository`);
  if (!existsSync(path))
    return optional ? undefined : refuse(deployment, pointer, `there is no ${shown(path)}`);
  if (!isWithin(realOf(path), root)) refuse(deployment, pointer, `${name} is a link out of the repository`);
  const read = readLayer(path, shown);
  return read.ok ? read.layer : refuse(deployment, pointer, `${shown(path)}:${read.line}: ${read.detail}`);
}

/** Values that stand in the deployment itself. */
export function inlineLayer(deployment: Deployment, pointer: string, value: unknown): ValuesLayer[] {
  if (!isMap(value) || Object.keys(value).length === 0) return [];
  const place = (inner: string) => deployment.place(pointer + inner);
  return [{ value, text: undefined, place, inputs: inputsOf(deployment) }];
}

/** The same as a text of YAML, whose fields have no places of their own. */
export function textLayer(
  deployment: Deployment,
  pointer: string,
  text: string,
  { of = deployment, at = pointer }: { of?: Deployment; at?: string } = {},
): ValuesLayer[] {
  const documents = readDocuments(text, DEFAULT_LIMITS);
  const faults = documents.flatMap((one) => one.faults);
  if (faults[0] !== undefined) refuse(deployment, pointer, `the values are no YAML: ${faults[0].message}`);
  const values = documents.flatMap(({ value }) => (value === null || value === undefined ? [] : [value]));
  if (values.length === 0) return [];
  if (values.length > 1 || !isMap(values[0])) refuse(deployment, pointer, 'the values are no mapping');
  return [{ value: values[0], text, place: () => of.place(at), inputs: inputsOf(of) }];
}
