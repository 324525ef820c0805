/**
 * What the API server refuses in the metadata of policies and bindings (apimachinery pkg/api/validation), owners,
 * finalizers and managed fields apart: nobody writes those.
 */
import { pointerStep } from '../../json.ts';
import type { MetadataSource } from '../admission-shape.ts';
import { type DocumentFault, error, warning } from '../fault.ts';
import { dnsSubdomainFault, labelValueFault, qualifiedNameFault } from '../names.ts';
import { named } from './validate-match.ts';

const MAX_ANNOTATION_BYTES = 256 * 1024;

export function validateMetadata(metadata: MetadataSource): DocumentFault[] {
  return [
    ...validateNames(metadata),
    ...validateLabels(metadata.labels ?? {}),
    ...validateAnnotations(metadata.annotations ?? {}),
  ];
}

/** Names that the API server keeps for policies from its own manifests: it warns, and later versions refuse them. */
const STATIC_SUFFIX = '.static.k8s.io';

/** Results, selections and exemptions go by the name, so one that a server would choose does not do. */
export function validateName(name: string, pointer: string): DocumentFault[] {
  if (name === '') return [error(pointer, 'A name is required.')];
  const faults = named(pointer, `name "${name}"`, dnsSubdomainFault(name));
  if (name.endsWith(STATIC_SUFFIX)) {
    const detail = `Names ending in "${STATIC_SUFFIX}" are kept for the API server's own manifests.`;
    faults.push(warning(pointer, detail));
  }
  return faults;
}

function validateNames({ name = '', generateName = '', namespace = '' }: MetadataSource): DocumentFault[] {
  const faults = validateName(name, '/metadata/name');
  if (generateName !== '') {
    const fault = dnsSubdomainFault(generateName.replace(/-$/, 'a'));
    faults.push(...named('/metadata/generateName', `prefix "${generateName}"`, fault));
  }
  if (namespace !== '') {
    faults.push(error('/metadata/namespace', 'Must not be given: the kind belongs to the cluster.'));
  }
  return faults;
}

function validateLabels(labels: { readonly [key: string]: string }): DocumentFault[] {
  return Object.entries(labels).flatMap(([key, value]) => {
    const pointer = `/metadata/labels${pointerStep(key)}`;
    return [
      ...named(pointer, `label "${key}"`, qualifiedNameFault(key)),
      ...named(pointer, `value "${value}"`, labelValueFault(value)),
    ];
  });
}

function validateAnnotations(annotations: { readonly [key: string]: string }): DocumentFault[] {
  const entries = Object.entries(annotations);
  const faults = entries.flatMap(([key]) => {
    const pointer = `/metadata/annotations${pointerStep(key)}`;
    return named(pointer, `annotation "${key}"`, qualifiedNameFault(key.toLowerCase()));
  });
  const bytes = entries.reduce((sum, texts) => sum + Buffer.byteLength(texts.join('')), 0);
  if (bytes > MAX_ANNOTATION_BYTES) {
    const detail = `At most ${MAX_ANNOTATION_BYTES} bytes of annotations, got ${bytes}.`;
    faults.push(error('/metadata/annotations', detail));
  }
  return faults;
}
